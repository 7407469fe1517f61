using System.Net.Http.Headers;
using System.Security.Cryptography;
using AiFactory.Contracts;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Serving;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Worker;

/// <summary>The whole worker, in this process, on Kestrel, with an object store in a directory and a library of its own.</summary>
internal sealed class WorkerProcess : WebApplicationFactory<Program>
{
    private const string Key = "a key for tests, at least 32 characters long";

    private readonly Dictionary<string, string?> _settings;

    private WorkerProcess(FakeLibrary library, string directory, Dictionary<string, string?> settings)
    {
        Library = library;
        Directory = directory;
        _settings = new Dictionary<string, string?>
        {
            ["Identity:Key"] = Key,
            ["ConnectionStrings:objects"] = $"Directory={Path.Combine(directory, "objects")}",
            ["services:library:http:0"] = library.Url,
            ["Cache:Directory"] = Path.Combine(directory, "cache"),
            ["Worker:RetryInterval"] = "00:00:00.1",
            ["Engine:Isolation"] = "None",
            // The processes of models write to standard error.
            ["Logging:LogLevel:Microsoft.Hosting"] = "Warning",
        };
        foreach (var (name, value) in settings)
        {
            _settings[name] = value;
        }

        UseKestrel(0);
    }

    public FakeLibrary Library { get; }

    public string Directory { get; }

    public ModelRegistry Registry => Services.GetRequiredService<ModelRegistry>();

    /// <summary>Not started: for its folders and settings.</summary>
    public static WorkerProcess Create(FakeLibrary library, string? directory = null, Dictionary<string, string?>? settings = null) =>
        new(library, directory ?? System.IO.Directory.CreateTempSubdirectory("aifactory-worker-").FullName, settings ?? []);

    public static async Task<WorkerProcess> StartAsync(FakeLibrary? library = null, string? directory = null, Dictionary<string, string?>? settings = null)
    {
        var worker = Create(library ?? await FakeLibrary.StartAsync(), directory, settings);
        worker.StartServer();
        return worker;
    }

    /// <summary>Puts a model into the object store, without assigning it.</summary>
    public ModelAssignment Store(string path, string name, string task = ModelTasks.Chat, int? contextLength = null, int? slots = null)
    {
        var bytes = File.ReadAllBytes(path);
        var key = $"models/{name}.gguf";
        var target = Path.Combine(Directory, "objects", key);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target) ?? "");
        File.WriteAllBytes(target, bytes);
        return new ModelAssignment(
            Guid.CreateVersion7(), "default", name, name, 1, task, key, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}", bytes.Length, contextLength, slots);
    }

    /// <summary>The settings, for a worker in a process of its own.</summary>
    public Dictionary<string, string?> Environment() => _settings.ToDictionary(setting => setting.Key.Replace(":", "__", StringComparison.Ordinal), setting => setting.Value);

    /// <summary>Assigns the models and waits until they are ready.</summary>
    public async Task AssignAsync(params ModelAssignment[] assignments)
    {
        Library.Assignments = assignments;
        await Library.WaitForAsync(heartbeat =>
            heartbeat.Models.Count == assignments.Length && heartbeat.Models.All(model => model.State == WorkerModelStates.Ready));
    }

    /// <summary>A client with the identity of a developer of the project <c>default</c>.</summary>
    public HttpClient CreateCaller(string role = Roles.Developer, string project = "default")
    {
        var client = CreateClient();
        client.Timeout = TimeSpan.FromMinutes(2);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", IssueToken(role, project));
        return client;
    }

    public static IdentityTokens Tokens { get; } = new(Options.Create(new IdentityOptions { Key = Key }), TimeProvider.System);

    public static string IssueToken(string role = Roles.Developer, string project = "default") =>
        Tokens.Issue(InternalIdentity.WithRoles("key:test", project, factoryWide: false, [role]), TimeSpan.FromHours(1));

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (name, value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        builder.ConfigureLogging(logging => logging.ClearProviders());
    }
}
