// A JupyterLab extension that needs no build: cells that begin with %%kernel are C.
"use strict";
(() => {
  const C = "text/x-csrc";
  let shared = {}; // JupyterLab's own modules, by name and version

  const module = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  // The notebook also sets the MIME type of all cells, once the kernel reports its language.
  const watch = (cell) => {
    if (cell.type !== "code") return;
    let usual = cell.mimeType;
    const update = () => {
      const isKernel = /^%%kernel\b/.test(cell.sharedModel.getSource());
      if (cell.mimeType !== C) usual = cell.mimeType;
      cell.mimeType = isKernel ? C : usual;
    };
    cell.contentChanged.connect(update);
    cell.mimeTypeChanged.connect(update);
    update();
  };

  const watchAll = async (panel) => {
    await panel.context.ready;
    const { cells } = panel.content.model;
    for (const cell of cells) watch(cell);
    cells.changed.connect((_, change) => {
      if (change.type === "add" || change.type === "set") change.newValues.forEach(watch);
    });
  };

  const plugin = (tracker) => ({
    id: "cfuforge-kernel-cells:plugin",
    description: "Colours cells that begin with %%kernel as C.",
    autoStart: true,
    requires: [tracker],
    activate: (_, notebooks) => {
      notebooks.forEach(watchAll);
      notebooks.widgetAdded.connect((_, panel) => watchAll(panel));
    },
  });

  const container = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const { INotebookTracker } = await module("@jupyterlab/notebook");
      return () => ({ __esModule: true, default: plugin(INotebookTracker) });
    },
  };
  window._JUPYTERLAB = { ...window._JUPYTERLAB, "cfuforge-kernel-cells": container };
})();
