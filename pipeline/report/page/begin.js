
// -- the page

/* Mark in the navigation which section is read. */
function watchSections() {
  const links = new Map(Array.from(document.querySelectorAll(".top nav a"), (link) => [
    link.getAttribute("href").slice(1), link]));
  const seen = new Set();
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target.id);
      else seen.delete(target.id);
    }
    const first = Array.from(links.keys()).find((id) => seen.has(id));
    for (const [id, link] of links) {
      if (id === first) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "-20% 0px -60%" });
  for (const id of links.keys()) watch.observe(at(id));
}

async function begin() {
  await showTable();
  watchSections();
  window.addEventListener("hashchange", followAddress);
  if (data.matrix) {
    await startMatrix().catch((error) => {
      at("readout").textContent = `The matrix can't be drawn: ${error}`;
    });
  }
  await followAddress();
}
begin().finally(() => { document.documentElement.dataset.ready = "yes"; });
})();
