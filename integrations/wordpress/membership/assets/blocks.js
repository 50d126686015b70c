/** The editor's side of the blocks; what readers see is rendered on the server. */
(({ blocks, blockEditor, components, data, element, i18n }) => {
  const { createElement: el, Fragment } = element;
  const { __ } = i18n;
  const { InnerBlocks, InspectorControls, useBlockProps } = blockEditor;

  const field = (name, label, { attributes, setAttributes }) =>
    el(components.TextControl, { label, value: attributes[name] ?? "", onChange: (value) => setAttributes({ [name]: value }) });
  const panel = (...fields) => el(InspectorControls, {}, el(components.PanelBody, { title: __("Membership", "membership") }, ...fields));
  const kept = () => el(InnerBlocks.Content);

  blocks.registerBlockType("membership/gate", {
    title: __("For members", "membership"),
    icon: "lock",
    category: "widgets",
    attributes: { flag: { type: "string", default: "paywall_free" } },
    edit: (props) =>
      el(Fragment, {}, panel(field("flag", __("Needs the flag", "membership"), props)), el("div", useBlockProps(), el(InnerBlocks))),
    save: kept,
  });

  blocks.registerBlockType("membership/appeal", {
    title: __("Appeal", "membership"),
    icon: "heart",
    category: "widgets",
    edit: () => el("div", useBlockProps(), el(InnerBlocks)),
    save: kept,
  });

  blocks.registerBlockType("membership/vote", {
    title: __("Vote", "membership"),
    icon: "yes",
    category: "widgets",
    attributes: { round: { type: "string", default: "" } },
    edit: (props) => el("div", useBlockProps(), field("round", __("Name of the vote in its address", "membership"), props)),
    save: () => null,
  });

  // What the server says of the gates of an article, whenever it was opened or saved.
  let shown = "";
  data.subscribe(() => {
    const said = data.select("core/editor")?.getCurrentPostAttribute("membership_warning") ?? "";
    if (said === shown) return;
    shown = said;
    const { createWarningNotice, removeNotice } = data.dispatch("core/notices");
    if (said) createWarningNotice(said, { id: "membership-warning" });
    else removeNotice("membership-warning");
  });
})(window.wp);
