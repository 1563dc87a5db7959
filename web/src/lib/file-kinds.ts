export type FileKind = "image" | "table" | "json" | "text" | "binary";

const IMAGES = new Set(["png", "jpg", "jpeg", "gif", "webp", "bmp", "svg", "ico", "avif"]);
const BINARIES = new Set(
  "pkl pickle joblib bin pt pth onnx h5 hdf5 npy npz parquet zip gz tar tgz whl so model ubj skops safetensors ckpt pdf mp4 mp3 wav".split(
    " ",
  ),
);
const IMAGE_TYPES: Record<string, string> = {
  jpg: "image/jpeg",
  svg: "image/svg+xml",
  ico: "image/x-icon",
};

export function extension(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** How to preview a file, judged by its name. */
export function kindOf(path: string): FileKind {
  const ext = extension(path);
  if (IMAGES.has(ext)) return "image";
  if (ext === "csv" || ext === "tsv") return "table";
  if (ext === "json") return "json";
  return BINARIES.has(ext) ? "binary" : "text";
}

/** The media type of an image, by its name and not by what the server says. */
export function imageType(path: string): string {
  const ext = extension(path);
  return IMAGE_TYPES[ext] ?? `image/${ext}`;
}

/** Whether a file read as text is binary: it has a NUL near the start. */
export function looksBinary(text: string): boolean {
  return text.slice(0, 4096).includes("\u0000");
}
