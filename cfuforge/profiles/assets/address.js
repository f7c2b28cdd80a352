// The selection, stored in the page's address: #layer=6, #layer=6&run=none, #calls&layer=6.

const BETWEEN = -1; // the layer number of code between layers

function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1)), text = parts.get("layer");
  return {
    layer: text === "between" ? BETWEEN : /^\d+$/.test(text ?? "") ? Number(text) : null,
    run: parts.get("run"),
    section: [...parts.keys()].find((key) => key !== "layer" && key !== "run") ?? "",
  };
}

function address({ section = "", layer = null, run = "" }) {
  const parts = section ? [section] : [];
  if (layer !== null) parts.push(`layer=${layer === BETWEEN ? "between" : layer}`);
  if (run) parts.push(`run=${encodeURIComponent(run)}`);
  return `#${parts.join("&")}`;
}

const layerLink = (layer, text = layerName(layer)) =>
  element("a", { href: address({ layer: layer.index }), "data-layer": layer.index }, text);

// Links to layers select them; links to sections keep the selection.
function followLinks(chosen, choose) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-layer], nav a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.dataset.layer) {
      const layer = Number(link.dataset.layer);
      choose({ layer: layer === chosen().layer ? null : layer });
      return;
    }
    const section = link.getAttribute("href").slice(1);
    history.pushState(null, "", address({ ...chosen(), section }));
    byId(section).scrollIntoView();
  });
}
