using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AiFactory.Testing.Edges;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>As much of an API server as <c>helm --dry-run=server</c> asks for: which kinds there are, and one object by its name, which is what <c>lookup</c> finds.</summary>
internal sealed class ClusterApi : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal)
    {
        ["/version"] = """{ "major": "1", "minor": "36", "gitVersion": "v1.36.0" }""",
        ["/api"] = """{ "kind": "APIVersions", "versions": ["v1"] }""",
    };

    private readonly Task _answering;

    /// <param name="rendered">Objects of all kinds that the cluster has.</param>
    /// <param name="objects">What an earlier version of the release <c>ai</c> left in it.</param>
    public ClusterApi(IEnumerable<JsonObject> rendered, params IEnumerable<string> objects)
    {
        var there = objects.Select(yaml => Manifests.Parse(yaml)[0]).ToList();
        there.ForEach(MakeTheReleases);
        var versions = rendered.Concat(there).Append(Manifests.Parse("{ apiVersion: v1, kind: Endpoints }")[0]).GroupBy(manifest => manifest.Text("apiVersion"), manifest => manifest.Kind())
            .ToDictionary(version => version.Key, version => version.Distinct().ToList());
        foreach (var (version, kinds) in versions)
        {
            _answers[Root(version)] = Kinds(version, kinds);
        }

        _answers["/apis"] = Groups(versions.Keys.Where(version => version.Contains('/')));
        foreach (var manifest in there)
        {
            _answers[$"{Root(manifest.Text("apiVersion"))}/namespaces/{manifest.Namespace()}/{Plural(manifest.Kind())}/{manifest.Name()}"] = manifest.ToJsonString();
        }

        Address = $"http://127.0.0.1:{FreePort.Take()}";
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _answering = AnswerAsync();
    }

    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _answering;
    }

    private async Task AnswerAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                var found = _answers.GetValueOrDefault(context.Request.Url?.AbsolutePath ?? "");
                context.Response.StatusCode = found is null ? 404 : 200;
                context.Response.ContentType = "application/json";
                context.Response.Close(Encoding.UTF8.GetBytes(found ?? """{ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404 }"""), willBlock: false);
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                // Closed, or the caller went away.
            }
        }
    }

    private static void MakeTheReleases(JsonObject manifest)
    {
        if (manifest["metadata"] is JsonObject metadata)
        {
            metadata["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "Helm" };
            metadata["annotations"] = new JsonObject { ["meta.helm.sh/release-name"] = "ai", ["meta.helm.sh/release-namespace"] = "default" };
        }
    }

    private static string Root(string version) => version.Contains('/') ? $"/apis/{version}" : $"/api/{version}";

    private static string Plural(string kind) => kind.EndsWith('s') ? kind.ToLowerInvariant() : $"{kind.ToLowerInvariant()}s";

    private static string Kinds(string version, IEnumerable<string> kinds) => new JsonObject
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = version,
        ["resources"] = new JsonArray([.. kinds.Select(kind => new JsonObject
        {
            ["name"] = Plural(kind),
            ["singularName"] = "",
            ["namespaced"] = kind is not ("Namespace" or "PriorityClass" or "ClusterRole"),
            ["kind"] = kind,
            ["verbs"] = new JsonArray("get"),
        })]),
    }.ToJsonString();

    private static string Groups(IEnumerable<string> versions) => new JsonObject
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = new JsonArray([.. versions.GroupBy(version => version.Split('/')[0]).Select(group => new JsonObject
        {
            ["name"] = group.Key,
            ["versions"] = new JsonArray([.. group.Select(version => new JsonObject { ["groupVersion"] = version, ["version"] = version.Split('/')[1] })]),
        })]),
    }.ToJsonString();
}
