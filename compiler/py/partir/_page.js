// Of a saved report: says what a bar is that is pointed at or tapped, and zooms.
const plot = document.querySelector(".plot");
if (plot) {
  const said = document.getElementById("said");
  const say = (event) => {
    const title = event.target.closest("rect, path")?.querySelector("title");
    if (title) said.textContent = title.textContent;
  };
  plot.addEventListener("click", say);
  plot.addEventListener("pointermove", say);
  document.getElementById("zoom").addEventListener("input", (event) => {
    plot.style.width = `${100 * 2 ** event.target.value}%`;
  });
}
