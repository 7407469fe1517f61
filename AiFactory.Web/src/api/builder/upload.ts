import { consoleHeader, withQuery } from '../http';
import { ApiError, errorFrom } from '../problem';
import { documentsPath } from './knowledge';
import type { KnowledgeDocument } from './types';

const types: Record<string, string> = {
  pdf: 'application/pdf',
  md: 'text/markdown',
  markdown: 'text/markdown',
  htm: 'text/html',
  html: 'text/html',
  txt: 'text/plain',
};

/** Browsers do not know Markdown, and leave the type of some files empty. */
export function contentTypeOf(file: File): string {
  const extension = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? '';
  return types[extension] ?? (file.type || 'application/octet-stream');
}

interface UploadOptions {
  project: string;
  base: string;
  file: File;
  signal: AbortSignal;
  /** From 0 to 1, as the bytes leave. */
  onProgress: (fraction: number) => void;
}

/** Sends one file. By XMLHttpRequest, because `fetch` does not tell how much of a body has left. */
export function uploadDocument({ project, base, file, signal, onProgress }: UploadOptions): Promise<KnowledgeDocument> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', withQuery(documentsPath(project, base), { name: file.name }));
    call.setRequestHeader('content-type', contentTypeOf(file));
    for (const [name, value] of Object.entries(consoleHeader)) {
      call.setRequestHeader(name, value);
    }
    call.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    call.onload = () => {
      if (call.status >= 200 && call.status < 300) {
        resolve(JSON.parse(call.responseText) as KnowledgeDocument);
        return;
      }
      const requestId = call.getResponseHeader('x-request-id');
      const response = new Response(call.responseText, { status: call.status, headers: requestId === null ? {} : { 'x-request-id': requestId } });
      void errorFrom(response).then(reject);
    };
    call.onerror = () => reject(new ApiError(0, 'The upload broke off', 'The gateway ended the connection. The file may be larger than it accepts.'));
    call.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => call.abort(), { once: true });
    call.send(file);
  });
}
