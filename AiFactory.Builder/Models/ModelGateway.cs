using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AiFactory.Contracts.OpenAI;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Models;

/// <summary>
/// The one way from the builder to a model: the gateway, in a project's name, so that a flow's calls are routed, limited and metered like any other's.
/// No key of the project is needed: the builder shows an identity that it signs for this call.
/// </summary>
internal sealed class ModelGateway(IHttpClientFactory clients, IdentityTokens tokens, IOptions<ModelOptions> options, TimeProvider time)
{
    internal const string Client = "gateway";

    /// <summary>Begins the names of published flows among the models.</summary>
    private const string FlowPrefix = "flow/";

    private static readonly TimeSpan TokenLifetime = TimeSpan.FromSeconds(60);

    private readonly TimeSpan _silence = options.Value.Silence;

    internal static bool IsFlow(string? model) => model?.StartsWith(FlowPrefix, StringComparison.Ordinal) == true;

    /// <exception cref="ModelCallException">The model did not answer, or refused.</exception>
    internal async Task<ChatCompletion> ChatAsync(string project, ChatCompletionRequest request, CancellationToken cancellationToken)
    {
        using var limit = new Limit(_silence, time, cancellationToken);
        try
        {
            using var response = await SendAsync(project, "v1/chat/completions", request with { Stream = null, StreamOptions = null }, OpenAIJson.Default.ChatCompletionRequest, limit.Token);
            return await ReadAsync(response, OpenAIJson.Default.ChatCompletion, limit.Token);
        }
        catch (Exception error) when (ModelCallErrors.Of(error, limit.IsReached, _silence) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>The answer piece by piece. The last chunk tells the usage. Who stops reading stops the model.</summary>
    /// <exception cref="ModelCallException">The model did not answer, refused, or broke off.</exception>
    internal async IAsyncEnumerable<ChatCompletionChunk> StreamAsync(
        string project, ChatCompletionRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var limit = new Limit(_silence, time, cancellationToken);
        await using var chunks = ChunksAsync(project, request with { Stream = true, StreamOptions = new StreamOptions(true) }, limit.Token).GetAsyncEnumerator(limit.Token);
        while (true)
        {
            try
            {
                if (!await chunks.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception error) when (ModelCallErrors.Of(error, limit.IsReached, _silence) is { } failure)
            {
                throw failure;
            }

            limit.Restart();
            yield return chunks.Current;
        }
    }

    /// <exception cref="ModelCallException">The model did not answer, or refused.</exception>
    internal async Task<Embeddings> EmbedAsync(string project, string model, IReadOnlyList<string> inputs, CancellationToken cancellationToken)
    {
        var request = new EmbeddingsRequest { Model = model, Input = JsonSerializer.SerializeToElement(inputs), EncodingFormat = "base64" };
        using var limit = new Limit(_silence, time, cancellationToken);
        try
        {
            using var response = await SendAsync(project, "v1/embeddings", request, OpenAIJson.Default.EmbeddingsRequest, limit.Token);
            return EmbeddingReader.Read(await ReadAsync(response, OpenAIJson.Default.EmbeddingsResponse, limit.Token), inputs.Count);
        }
        catch (Exception error) when (ModelCallErrors.Of(error, limit.IsReached, _silence) is { } failure)
        {
            throw failure;
        }
    }

    private async IAsyncEnumerable<ChatCompletionChunk> ChunksAsync(string project, ChatCompletionRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(project, "v1/chat/completions", request, OpenAIJson.Default.ChatCompletionRequest, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                yield break;
            }

            // A failure after the first token is an event: data: {"error":{"message":"...","code":"..."}}
            using var json = JsonDocument.Parse(item.Data);
            if (json.RootElement.TryGetProperty("error", out _))
            {
                throw ModelCallErrors.Read(item.Data, status: null);
            }

            yield return json.RootElement.Deserialize(OpenAIJson.Default.ChatCompletionChunk) ?? throw new JsonException("The chunk is null.");
        }

        throw new HttpIOException(HttpRequestError.ResponseEnded, "The stream ended before the answer did.");
    }

    private async Task<HttpResponseMessage> SendAsync<T>(string project, string path, T body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        // One that called itself would do so without end, each time in a run of its own.
        if (body is ChatCompletionRequest { Model: var model } && IsFlow(model))
        {
            throw new ModelCallException($"'{model}' is a flow: a flow, an agent or a thread's model cannot be one.", null, "model_is_flow", isTransient: false);
        }

        using var client = clients.CreateClient(Client);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, type) };
        var identity = new InternalIdentity($"builder:{project}", project, FactoryWide: false, [], [Permissions.InferenceInvoke]);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Issue(identity, TokenLifetime, TokenAudiences.Builder));
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw ModelCallErrors.Read(await response.Content.ReadAsStringAsync(cancellationToken), (int)response.StatusCode);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException("The answer is null.");

    /// <summary>Ends a call that is silent for too long.</summary>
    private sealed class Limit : IDisposable
    {
        private readonly TimeSpan _silence;
        private readonly CancellationTokenSource _timer;
        private readonly CancellationTokenSource _either;

        internal Limit(TimeSpan silence, TimeProvider time, CancellationToken cancellationToken)
        {
            _silence = silence;
            _timer = new CancellationTokenSource(silence, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timer.Token);
        }

        internal CancellationToken Token => _either.Token;

        internal bool IsReached => _timer.IsCancellationRequested;

        internal void Restart() => _timer.CancelAfter(_silence);

        public void Dispose()
        {
            _either.Dispose();
            _timer.Dispose();
        }
    }
}
