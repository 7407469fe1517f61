using System.Net.Http.Headers;
using System.Text;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;

namespace AiFactory.Builder.Tests.Knowledge;

/// <summary>The routes of knowledge bases, as a client calls them.</summary>
internal static class KnowledgeApi
{
    internal const string Bases = "/api/builder/projects/default/knowledge-bases";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static Task<KnowledgeBaseResponse> CreateBaseAsync(this HttpClient client, string name, int? chunkSize = null, int? chunkOverlap = null) =>
        client.PostAsync<KnowledgeBaseRequest, KnowledgeBaseResponse>(Bases, new KnowledgeBaseRequest(name, null, null, chunkSize, chunkOverlap));

    internal static Task<HttpResponseMessage> UploadAsync(this HttpClient client, string owner, string name, byte[] bytes, string? type = null)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return client.PostAsync(new Uri($"{Bases}/{owner}/documents?name={Uri.EscapeDataString(name)}", UriKind.Relative), content, Token);
    }

    internal static Task<HttpResponseMessage> UploadAsync(this HttpClient client, string owner, string name, string text) =>
        client.UploadAsync(owner, name, Encoding.UTF8.GetBytes(text));

    /// <summary>Uploads and waits until the document is ready or has failed.</summary>
    internal static async Task<DocumentResponse> TakeInAsync(this HttpClient client, string owner, string name, byte[] bytes, string? type = null)
    {
        var document = await (await client.UploadAsync(owner, name, bytes, type)).ReadAsync<DocumentResponse>();
        return await client.UntilEndAsync(owner, document.Id);
    }

    internal static Task<DocumentResponse> TakeInAsync(this HttpClient client, string owner, string name, string text) =>
        client.TakeInAsync(owner, name, Encoding.UTF8.GetBytes(text));

    internal static Task<DocumentResponse> UntilEndAsync(this HttpClient client, string owner, Guid id) =>
        client.UntilAsync<DocumentResponse>($"{Bases}/{owner}/documents/{id}", document => document.State is DocumentStates.Ready or DocumentStates.Failed);

    internal static Task<SearchResponse> SearchAsync(this HttpClient client, string owner, string query, string? mode = null, int? limit = null, params string[] documents) =>
        client.PostAsync<SearchRequest, SearchResponse>($"{Bases}/{owner}/search", new SearchRequest(query, limit, mode, documents));

    internal static Task<DocumentText> TextAsync(this HttpClient client, string owner, Guid id, int start = 0, int length = 100_000) =>
        client.GetAsync<DocumentText>($"{Bases}/{owner}/documents/{id}/text?start={start}&length={length}");
}
