using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace AiFactory.ModelLibrary.Kubernetes;

/// <summary>
/// As much of the Kubernetes API as the library needs: the objects of one namespace listed, applied on the server's side and deleted. A stand-in for KubernetesClient.
/// See https://kubernetes.io/docs/reference/using-api/server-side-apply/.
/// </summary>
internal sealed class KubernetesApi(IHttpClientFactory clients, IOptions<KubernetesOptions> options)
{
    internal const string ClientName = "kubernetes";

    /// <summary>Whose fields they are, in an object's managedFields.</summary>
    internal const string FieldManager = "aifactory-library";

    // All JSON is YAML, and servers before 1.33 know no other type for it.
    private const string ApplyPatch = "application/apply-patch+yaml";
    private const int PageSize = 500;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <param name="resource">For example <c>apis/aifactory.dev/v1alpha1/namespaces/bank/approvedmodels</c>.</param>
    internal async Task<IReadOnlyList<CustomResource<TSpec, TStatus>>> ListAsync<TSpec, TStatus>(string resource, CancellationToken cancellationToken)
        where TSpec : class
        where TStatus : class
    {
        List<CustomResource<TSpec, TStatus>> items = [];
        var next = "";
        do
        {
            var page = await SendAsync<Page>(HttpMethod.Get, $"{resource}?limit={PageSize}{(next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}")}", content: null, cancellationToken);
            items.AddRange(page.Items.Select(Read<TSpec, TStatus>));
            next = page.Metadata?.Continue ?? "";
        }
        while (next.Length > 0);
        return items;
    }

    /// <summary>Makes the object as it is given here, or changes it so, taking fields over from whoever else wrote them. Other fields stay. Answers the object as it is then.</summary>
    /// <param name="path">The object, or its <c>/status</c>: each takes only its own part.</param>
    internal async Task<CustomResource<TSpec, TStatus>> ApplyAsync<TSpec, TStatus>(string path, CustomResource<TSpec, TStatus> applied, CancellationToken cancellationToken)
        where TSpec : class
        where TStatus : class => Read<TSpec, TStatus>(await SendAsync<JsonElement>(
            HttpMethod.Patch,
            $"{path}?fieldManager={FieldManager}&force=true&fieldValidation=Strict",
            JsonContent.Create(applied, new MediaTypeHeaderValue(ApplyPatch), Json),
            cancellationToken));

    /// <summary>Deletes the object that was seen, and no other of its name. One that is gone is deleted.</summary>
    internal async Task DeleteAsync(string path, ObjectMetadata seen, CancellationToken cancellationToken)
    {
        var preconditions = new { apiVersion = "v1", kind = "DeleteOptions", preconditions = new { uid = seen.Uid } };
        try
        {
            await SendAsync<JsonElement>(HttpMethod.Delete, path, JsonContent.Create(preconditions, new MediaTypeHeaderValue(MediaTypeNames.Application.Json), Json), cancellationToken);
        }
        catch (KubernetesException error) when (error.Status is System.Net.HttpStatusCode.NotFound)
        {
        }
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(ClientName);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        var call = $"{method} {path.Split('?')[0]}";
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw await RefusalAsync(call, response, cancellationToken);
            }

            return await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken) ?? throw new JsonException("The answer is null.");
        }
        catch (JsonException error)
        {
            throw new KubernetesException($"{call} answered what is no object of its kind: {error.Message}", inner: error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesException($"{call} had no answer within {options.Value.Timeout.TotalSeconds:0.#} s.", inner: error);
        }
        catch (HttpRequestException error)
        {
            var why = error.HttpRequestError == HttpRequestError.SecureConnectionError ? $"its certificate is not one of {options.Value.AuthorityFile}, or names another host" : error.Message;
            throw new KubernetesException($"{call} did not reach the API server: {why}", inner: error);
        }
        catch (Exception error) when (error is IOException and not KubernetesException or UnauthorizedAccessException)
        {
            throw new KubernetesException($"{call} was not sent or broke off: {error.Message}", inner: error);
        }
    }

    /// <summary>
    /// The server's own sentence:
    /// <code>{"kind":"Status","status":"Failure","message":"approvedmodels.aifactory.dev is forbidden: User \"...\" cannot patch ...","reason":"Forbidden","code":403}</code>
    /// </summary>
    private static async Task<KubernetesException> RefusalAsync(string call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var said = "";
        try
        {
            said = (await response.Content.ReadFromJsonAsync<Refusal>(Json, cancellationToken))?.Message;
        }
        catch (JsonException)
        {
            // A proxy's page, not the server's answer.
        }

        var why = string.IsNullOrEmpty(said) ? "" : $": {said}";
        return new KubernetesException($"{call} was refused, {(int)response.StatusCode} {response.ReasonPhrase}{why}", response.StatusCode, response.Headers.RetryAfter?.Delta);
    }

    /// <summary>An object that another wrote may hold what fits in no type of ours; then it has a name only, and differs from all that is wanted.</summary>
    private static CustomResource<TSpec, TStatus> Read<TSpec, TStatus>(JsonElement item)
        where TSpec : class
        where TStatus : class
    {
        try
        {
            return item.Deserialize<CustomResource<TSpec, TStatus>>(Json) ?? throw new JsonException("An item is null.");
        }
        catch (JsonException)
        {
            return new CustomResource<TSpec, TStatus>("", "", item.GetProperty("metadata").Deserialize<ObjectMetadata>(Json) ?? throw new JsonException("An item has no metadata."));
        }
    }

    private sealed record Page(PageMetadata? Metadata, IReadOnlyList<JsonElement> Items);

    private sealed record PageMetadata(string? Continue);

    private sealed record Refusal(string? Message);
}
