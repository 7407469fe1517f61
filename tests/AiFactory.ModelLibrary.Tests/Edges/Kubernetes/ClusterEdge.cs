using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiFactory.Testing;
using AiFactory.Testing.Edges;
using AiFactory.Testing.Kubernetes;
using Microsoft.AspNetCore.Http;

namespace AiFactory.ModelLibrary.Tests.Edges.Kubernetes;

/// <summary>
/// As much of an API server as the library relies on, for none runs here: TLS of the cluster's authority, tokens, the rights that the chart gives, ApprovedModels checked strictly
/// against their own definition, status as a route of its own, server-side apply with owners and conflicts, pages, preconditions.
/// </summary>
internal sealed partial class ClusterEdge : KestrelEdge
{
    public const string Place = "ai-project-bank";
    private const string Root = $"/apis/aifactory.dev/v1alpha1/namespaces/{Place}/approvedmodels";
    private const int LargestPage = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string Chart = Path.Combine(RepositoryFolder.Root, "AiFactory.AppHost", "Kubernetes");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-cluster-");
    private readonly Authority _authority = new();
    private readonly X509Certificate2 _certificate;
    private readonly SchemaValidator _kinds = new();
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);
    private long _version;

    public ClusterEdge()
    {
        _certificate = _authority.Sign("127.0.0.1");
        _kinds.With(Manifests.Parse(File.ReadAllText(Path.Combine(Chart, "Crds", "approvedmodels.aifactory.dev.yaml")))[0]);
        var role = File.ReadAllText(Path.Combine(Chart, "Templates", "role-approved-models.yaml"));
        Rights = [.. Rule().Matches(role).SelectMany(rule => Word().Matches(rule.Groups["verbs"].Value).Select(verb => $"{verb.Value} {rule.Groups["resource"].Value}"))];
        WriteAuthority(_authority.Pem);
        GiveToken("first-token");
    }

    /// <summary>For example <c>patch approvedmodels/status</c>; as the chart has them until a test changes them.</summary>
    public HashSet<string> Rights { get; }

    /// <summary>What was asked: method and path, and the status of the answer.</summary>
    public ConcurrentQueue<(string Method, string Path, int Status)> Calls { get; } = new();

    /// <summary>Answers before the server does, when it answers true.</summary>
    public Func<HttpContext, Task<bool>>? Fault { get; set; }

    public string Token { get; private set; } = "";

    public int Writes => Calls.Count(call => call.Method != "GET");

    public int Reads => Calls.Count(call => call.Method == "GET");

    public Dictionary<string, string?> Settings => new()
    {
        ["Kubernetes:Enabled"] = "true",
        ["Kubernetes:Server"] = Address.ToString(),
        ["Kubernetes:ServiceAccount"] = _folder.FullName,
        ["Kubernetes:Namespaces:bank"] = Place,
        ["Kubernetes:Resync"] = "00:00:00.2",
        ["Kubernetes:Timeout"] = "00:00:05",
    };

    public IReadOnlyList<JsonObject> Objects
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Values.Select(stored => stored.Content.DeepClone().AsObject())];
            }
        }
    }

    protected override X509Certificate2 Certificate => _certificate;

    /// <summary>As the kubelet does before a token expires: the file has another one, and the former is none any more.</summary>
    public void GiveToken(string token)
    {
        Token = token;
        File.WriteAllText(Path.Combine(_folder.FullName, "token"), token);
    }

    public void WriteAuthority(string pem) => File.WriteAllText(Path.Combine(_folder.FullName, "ca.crt"), pem);

    /// <summary>A person with all rights changes an object, or makes it.</summary>
    public void Edit(string name, Action<JsonObject> change)
    {
        lock (_lock)
        {
            var former = _objects.GetValueOrDefault(name);
            var stored = former?.Copy() ?? new StoredObject(Head(name));
            stored.Edit("kubectl-edit", change);
            Keep(name, former, stored);
        }
    }

    public void Remove(string name)
    {
        lock (_lock)
        {
            _objects.Remove(name);
        }
    }

    public IReadOnlyList<string> OwnersOf(string name, string field)
    {
        lock (_lock)
        {
            return [.. _objects[name].OwnersOf(field)];
        }
    }

    /// <summary>Looks until the namespace is as wanted, and fails showing it as it last was.</summary>
    public async Task<IReadOnlyList<JsonObject>> UntilAsync(Func<IReadOnlyList<JsonObject>, bool> wanted)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var objects = Objects;
            if (wanted(objects))
            {
                return objects;
            }

            if (TimeProvider.System.GetElapsedTime(since) > Patience)
            {
                throw new ShouldAssertException($"The namespace never was as wanted: {string.Join('\n', objects.Select(each => each.ToJsonString()))}; of {Calls.Count} calls the last: {string.Join(", ", Calls.TakeLast(5))}");
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public IReadOnlyList<string> Faults(JsonObject manifest) => _kinds.Faults(manifest);

    protected override async Task AnswerAsync(HttpContext context)
    {
        if (Fault is { } fault && await fault(context))
        {
            Calls.Enqueue((context.Request.Method, context.Request.Path, context.Response.StatusCode));
            return;
        }

        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        var (status, answer) = Answer(context.Request, body);
        Calls.Enqueue((context.Request.Method, context.Request.Path, status));
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(answer);
    }

    private (int Status, JsonObject Answer) Answer(HttpRequest request, string body)
    {
        if (request.Headers.Authorization != $"Bearer {Token}")
        {
            return Refuse(401, "Unauthorized", "Unauthorized");
        }

        var path = request.Path.Value ?? "";
        if (path == Root && request.Method == "GET")
        {
            return Allowed("list approvedmodels", () => List(request.Query));
        }

        var parts = path.StartsWith($"{Root}/", StringComparison.Ordinal) ? path[(Root.Length + 1)..].Split('/') : [];
        var content = body.Length == 0 ? null : JsonNode.Parse(body)?.AsObject();
        lock (_lock)
        {
            return (request.Method, parts) switch
            {
                ("DELETE", [var name]) => Allowed("delete approvedmodels", () => Delete(name, content)),
                ("PATCH", [var name]) => Allowed("patch approvedmodels", () => Patch(request, name, "spec", content)),
                ("PATCH", [var name, "status"]) => Allowed("patch approvedmodels/status", () => Patch(request, name, "status", content)),
                _ => Refuse(404, "NotFound", "the server could not find the requested resource"),
            };
        }
    }

    private (int, JsonObject) Allowed(string right, Func<(int, JsonObject)> answer) => Rights.Contains(right)
        ? answer()
        : Refuse(403, "Forbidden", $"approvedmodels.aifactory.dev is forbidden: User \"system:serviceaccount:ai-control:library\" cannot {right.Split(' ')[0]} resource \"{right.Split(' ')[1]}\" in API group \"aifactory.dev\" in the namespace \"{Place}\"");

    private (int, JsonObject) List(IQueryCollection query)
    {
        var after = query["continue"].ToString();
        var limit = Math.Min(LargestPage, int.Parse(query["limit"].ToString(), CultureInfo.InvariantCulture));
        lock (_lock)
        {
            var rest = _objects.Where(entry => string.CompareOrdinal(entry.Key, after) > 0).ToList();
            var next = rest.Count > limit ? rest[limit - 1].Key : "";
            return (200, new JsonObject
            {
                ["apiVersion"] = "aifactory.dev/v1alpha1",
                ["kind"] = "ApprovedModelList",
                ["metadata"] = new JsonObject { ["continue"] = next, ["resourceVersion"] = Next(_version) },
                ["items"] = new JsonArray([.. rest.Take(limit).Select(entry => entry.Value.Content.DeepClone())]),
            });
        }
    }

    private (int, JsonObject) Delete(string name, JsonObject? options)
    {
        if (!_objects.TryGetValue(name, out var stored))
        {
            return Refuse(404, "NotFound", $"approvedmodels.aifactory.dev \"{name}\" not found");
        }

        if (options.At("preconditions.uid") is { } uid && uid.ToString() != stored.Content.Text("metadata.uid"))
        {
            return Refuse(409, "Conflict", "the UID in the precondition does not match the UID in record");
        }

        _objects.Remove(name);
        return (200, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Status", ["status"] = "Success" });
    }

    private (int, JsonObject) Patch(HttpRequest request, string name, string part, JsonObject? applied)
    {
        var manager = request.Query["fieldManager"].ToString();
        if (request.ContentType != "application/apply-patch+yaml" || manager.Length == 0 || applied is null)
        {
            return Refuse(415, "UnsupportedMediaType", "the body of the request was in an unknown format, or fieldManager is required for apply patch");
        }

        if (applied.Text("apiVersion") != "aifactory.dev/v1alpha1" || applied.Kind() != "ApprovedModel" || applied.Name() != name || applied.At("metadata.managedFields") is not null)
        {
            return Refuse(400, "BadRequest", "apiVersion, kind and name must be those of the request, and metadata.managedFields must be nil");
        }

        var unknown = _kinds.Faults(applied).Where(fault => fault.Contains("unknown field", StringComparison.Ordinal)).ToList();
        if (unknown.Count > 0 && request.Query["fieldValidation"] == "Strict")
        {
            return Refuse(400, "BadRequest", $"strict decoding error: {string.Join(", ", unknown)}");
        }

        var former = _objects.GetValueOrDefault(name);
        if (former is null && part == "status")
        {
            return Refuse(404, "NotFound", $"approvedmodels.aifactory.dev \"{name}\" not found");
        }

        return former is null ? Allowed("create approvedmodels", Apply) : Apply();

        (int, JsonObject) Apply()
        {
            var stored = former?.Copy() ?? new StoredObject(Head(name));
            var mine = new JsonObject { [part] = applied[part]?.DeepClone() };
            if (part == "spec" && applied.At("metadata.labels") is { } labels)
            {
                mine["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() };
            }

            var conflicts = stored.Apply($"{manager} {part}", mine, request.Query["force"] == "true");
            if (conflicts.Count > 0)
            {
                return Refuse(409, "Conflict", $"Apply failed with {conflicts.Count} conflict(s): {string.Join(", ", conflicts)}");
            }

            var faults = _kinds.Faults(stored.Content);
            if (faults.Count > 0)
            {
                return Refuse(422, "Invalid", $"ApprovedModel.aifactory.dev \"{name}\" is invalid: {string.Join(", ", faults)}");
            }

            Keep(name, former, stored);
            return (former is null ? 201 : 200, _objects[name].Content.DeepClone().AsObject());
        }
    }

    // The generation counts changes of the spec, the resource version changes of anything.
    private void Keep(string name, StoredObject? former, StoredObject stored)
    {
        if (former is not null && JsonNode.DeepEquals(former.Content, stored.Content))
        {
            _objects[name] = stored;
            return;
        }

        var metadata = stored.Content["metadata"]!.AsObject(); // Head made it
        metadata["generation"] = (former?.Content.At("metadata.generation")?.GetValue<long>() ?? 0) + (JsonNode.DeepEquals(former?.Content["spec"], stored.Content["spec"]) ? 0 : 1);
        metadata["resourceVersion"] = Next(++_version);
        _objects[name] = stored;
    }

    private static JsonObject Head(string name) => new()
    {
        ["apiVersion"] = "aifactory.dev/v1alpha1",
        ["kind"] = "ApprovedModel",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Place, ["uid"] = $"{Guid.CreateVersion7()}", ["creationTimestamp"] = "2026-11-21T00:00:00Z" },
    };

    private static string Next(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static (int, JsonObject) Refuse(int code, string reason, string message) =>
        (code, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Status", ["status"] = "Failure", ["message"] = message, ["reason"] = reason, ["code"] = code });

    [GeneratedRegex("""resources: \["(?<resource>[^"]+)"\]\s+verbs: \[(?<verbs>[^\]]+)\]""")]
    private static partial Regex Rule();

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Word();
}
