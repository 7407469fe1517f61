using System.Text;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Builder.Knowledge.Documents;

/// <summary>Where documents and their texts lie in object storage: <c>knowledge/{project}/{base}/{upload}/document</c> and <c>.../text</c>.</summary>
internal sealed class DocumentObjects(IObjectStore store)
{
    internal const string Root = "knowledge/";

    internal static string Prefix(string project, Guid baseId, Guid upload) => $"{BasePrefix(project, baseId)}{upload:n}";

    internal async Task<(long Size, string Digest)> PutDocumentAsync(string prefix, Stream content, CancellationToken cancellationToken)
    {
        var stored = (await store.PutAsync($"{prefix}/document", content, cancellationToken: cancellationToken)).EnsureStored();
        return (stored.Info.Size, $"sha256:{stored.Sha256}");
    }

    /// <summary>The whole document, whose size is bounded by <see cref="KnowledgeOptions.MaximumDocumentBytes"/>.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    internal async Task<byte[]> ReadDocumentAsync(DocumentRow document, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenReadAsync(document.ObjectKey, cancellationToken: cancellationToken)
            ?? throw new IOException($"The object '{document.ObjectKey}' is not in object storage.");
        var bytes = new byte[content.Info.Size];
        await content.Stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    internal async Task PutTextAsync(DocumentRow document, string text, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(Encoding.Unicode.GetBytes(text), writable: false);
        await store.PutAsync(document.TextKey, stream, cancellationToken: cancellationToken);
    }

    /// <summary>Null when the text is not there.</summary>
    internal async Task<string?> ReadTextAsync(DocumentRow document, int start, int length, CancellationToken cancellationToken)
    {
        if (length == 0)
        {
            return "";
        }

        await using var content = await store.OpenReadAsync(document.TextKey, new ByteRange(start * 2L, length * 2L), cancellationToken);
        if (content is null)
        {
            return null;
        }

        var bytes = new byte[length * 2];
        var read = await content.Stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.Unicode.GetString(bytes.AsSpan(0, read));
    }

    internal async Task DeleteAsync(string prefix, CancellationToken cancellationToken)
    {
        await store.DeleteAsync($"{prefix}/document", cancellationToken);
        await store.DeleteAsync($"{prefix}/text", cancellationToken);
    }

    internal async Task DeleteAllAsync(string project, Guid baseId, CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await store.ListAsync(BasePrefix(project, baseId), after, cancellationToken: cancellationToken);
            foreach (var info in page.Objects)
            {
                await store.DeleteAsync(info.Key, cancellationToken);
            }

            after = page.Next;
        }
        while (after is not null);
    }

    internal Task<ObjectPage> ListAsync(string? after, CancellationToken cancellationToken) => store.ListAsync(Root, after, cancellationToken: cancellationToken);

    private static string BasePrefix(string project, Guid baseId) => $"{Root}{project}/{baseId:n}/";
}
