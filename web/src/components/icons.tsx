/** Line icons on a 24-unit grid. Decoration: the control that holds one carries the words. */

function icon(path: string, filled = false) {
  return function Icon() {
    return (
      <svg class={filled ? "icon filled" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    );
  };
}

export const SearchIcon = icon("M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zm5 12 4.5 4.5");
export const CloseIcon = icon("M6 6l12 12M18 6 6 18");
export const PlayIcon = icon("M7 4.5v15l12.5-7.5z", true);
export const BackIcon = icon("M20 12H5m6-7-7 7 7 7");
export const NextIcon = icon("m9 5 7 7-7 7");
export const PreviousIcon = icon("m15 5-7 7 7 7");
export const RestartIcon = icon("M5 5v5h5M5.5 10A7.5 7.5 0 1 1 5 14");
export const AddIcon = icon("M12 5v14M5 12h14");
export const TickIcon = icon("m5 12.5 4.5 4.5L19 7.5");
export const BinIcon = icon("M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13m-7 4v5m2-5v5");
export const PersonIcon = icon("M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20.5c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5");
export const ThumbUpIcon = icon(
  "M7 11v9H4v-9zm0 0 4.5-7c1.5 0 2.5 1 2.2 2.6L13 10h5.5a1.8 1.8 0 0 1 1.7 2.2l-1.5 6.3a2 2 0 0 1-2 1.5H7",
);
export const ThumbDownIcon = icon(
  "M17 13V4h3v9zm0 0-4.5 7c-1.5 0-2.5-1-2.2-2.6L11 14H5.5a1.8 1.8 0 0 1-1.7-2.2l1.5-6.3a2 2 0 0 1 2-1.5H17",
);
export const HideIcon = icon("M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zm9-3a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM4 4l16 16");
export const EditIcon = icon("M4 20h4L19 9l-4-4L4 16zm9-13 4 4");
export const InfoIcon = icon("M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 8v6m0-9.5v.5");
