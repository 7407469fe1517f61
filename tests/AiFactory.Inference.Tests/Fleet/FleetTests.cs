using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.OpenAI;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.Isolation;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Tests.Isolation;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Inference.Tests.Fleet;

public sealed class FleetTests(GeneratedModels models) : IAsyncLifetime
{
    private readonly List<WorkerProcess> _workers = [];
    private FakeLibrary _library = null!; // Set before any test runs.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _library = await FakeLibrary.StartAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _library.DisposeAsync();
        foreach (var directory in _workers.Select(worker => worker.Directory).Distinct())
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_worker_introduces_itself_with_its_own_identity_and_address()
    {
        var worker = await StartAsync();
        var heartbeat = await _library.WaitForAsync(_ => true);
        new Uri(heartbeat.BaseUrl).Port.ShouldBe(worker.CreateClient().BaseAddress.ShouldNotBeNull().Port);
        heartbeat.Draining.ShouldBeFalse();
        heartbeat.Capacity.Hardware.ShouldStartWith("cpu: ");
        heartbeat.Capacity.MemoryBytes.ShouldBe(MachineMemory.TotalBytes);
        WorkerProcess.Tokens.TryVerify(_library.Authorization.ShouldNotBeNull()["Bearer ".Length..], out var identity).ShouldBeTrue();
        identity.ShouldNotBeNull().Permissions.ShouldBe([Permissions.WorkersHeartbeat]);
    }

    [Fact]
    public async Task An_order_to_quantise_is_served_in_less_memory_and_one_that_cannot_be_followed_says_why()
    {
        var worker = await StartAsync();
        var whole = worker.Store(models.Endless, "whole", contextLength: 256, slots: 1);
        var packed = worker.Store(models.Endless, "packed", contextLength: 256, slots: 1) with { Quantization = "q8_0" };
        await worker.AssignAsync(whole, packed);
        var statuses = (await _library.WaitForAsync(heartbeat => heartbeat.Models.Count == 2)).Models.ToDictionary(status => status.DeploymentId);
        statuses[packed.DeploymentId].MemoryBytes.ShouldNotBeNull().ShouldBeLessThan(statuses[whole.DeploymentId].MemoryBytes.ShouldNotBeNull());
        (await ChatAsync(worker, "packed")).StatusCode.ShouldBe(HttpStatusCode.OK);

        _library.Assignments = [worker.Store(models.Quantised, "again") with { Quantization = "q4_0" }];
        var failed = (await _library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Failed }])).Models[0];
        failed.Message.ShouldNotBeNull().ShouldContain("are quantised already");
    }

    [Fact]
    public async Task An_order_is_fetched_loaded_told_and_served()
    {
        // Where nobody says how, a model has a process of its own.
        var worker = await StartAsync(settings: new() { ["Engine:Isolation"] = null });
        var assignment = worker.Store(models.Chat, "chat", contextLength: 256, slots: 2);
        await worker.AssignAsync(assignment);
        var status = (await _library.WaitForAsync(heartbeat => heartbeat.Models.Count == 1)).Models[0];
        status.DeploymentId.ShouldBe(assignment.DeploymentId);
        status.Digest.ShouldBe(assignment.Digest);
        status.ContextLength.ShouldBe(256);
        status.MemoryBytes.ShouldNotBeNull().ShouldBeGreaterThan(0);
        worker.Registry.Ready.ShouldHaveSingleItem().ShouldBeOfType<IsolatedModel>();
        (await ChatAsync(worker, "chat")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Process")]
    public async Task What_is_no_longer_ordered_goes_and_the_others_do_not_notice(string isolation)
    {
        var worker = await StartAsync(settings: new() { ["Engine:Isolation"] = isolation });
        var (first, second) = (worker.Store(models.Chat, "first"), worker.Store(models.Endless, "second"));
        await worker.AssignAsync(first, second);
        var kept = worker.Registry.Ready.Single(model => model.Assignment.Deployment == "second");
        await worker.AssignAsync(second);
        worker.Registry.Ready.ShouldHaveSingleItem().ShouldBeSameAs(kept);
        (await ChatAsync(worker, "first")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ChatAsync(worker, "second")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Process")]
    public async Task A_deployment_with_another_version_serves_throughout(string isolation)
    {
        var worker = await StartAsync(settings: new() { ["Engine:Isolation"] = isolation });
        var before = worker.Store(models.Chat, "m");
        await worker.AssignAsync(before);
        var after = worker.Store(models.Endless, "m2") with { DeploymentId = before.DeploymentId, Deployment = "m", ModelVersion = 2 };
        _library.Assignments = [after];
        var replaced = _library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Ready } one] && one.Digest == after.Digest);
        while (!replaced.IsCompleted)
        {
            (await ChatAsync(worker, "m")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await replaced;
        worker.Registry.Ready.ShouldHaveSingleItem().Assignment.ModelVersion.ShouldBe(2);
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Process")]
    public async Task A_model_that_cannot_be_had_is_told_with_the_reason_and_disturbs_nobody(string isolation)
    {
        var worker = await StartAsync(settings: new() { ["Engine:Isolation"] = isolation });
        var good = worker.Store(models.Chat, "good");
        var missing = good with { DeploymentId = Guid.CreateVersion7(), Deployment = "missing", ObjectKey = "models/nowhere.gguf", Digest = $"sha256:{new string('0', 64)}" };
        var broken = Path.Combine(worker.Directory, "broken.gguf");
        await File.WriteAllTextAsync(broken, "GGUF, or so it says", Token);
        var invalid = worker.Store(broken, "invalid");
        _library.Assignments = [good, missing, invalid];
        var heartbeat = await _library.WaitForAsync(heartbeat =>
            heartbeat.Models.Count(model => model.State == WorkerModelStates.Failed) == 2 && heartbeat.Models.Count(model => model.State == WorkerModelStates.Ready) == 1);
        heartbeat.Models.Single(model => model.DeploymentId == missing.DeploymentId).Message.ShouldBe("The object 'models/nowhere.gguf' is not in object storage.");
        heartbeat.Models.Single(model => model.DeploymentId == invalid.DeploymentId).Message.ShouldNotBeNull().ShouldStartWith("The model is refused: ");
        (await ChatAsync(worker, "good")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var notReady = await ChatAsync(worker, "missing");
        notReady.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        notReady.Headers.RetryAfter.ShouldNotBeNull();
        (await notReady.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Code.ShouldBe("model_not_ready");

        // It is tried again, and succeeds once the object is there.
        _library.Assignments = [good, worker.Store(models.Endless, "late") with { DeploymentId = missing.DeploymentId, Deployment = "missing" }];
        await _library.WaitForAsync(next => next.Models.Count == 2 && next.Models.All(model => model.State == WorkerModelStates.Ready));
    }

    [Fact]
    public async Task Weights_that_killed_the_worker_rest_and_the_others_serve()
    {
        var directory = Directory.CreateTempSubdirectory("aifactory-worker-").FullName;
        var markers = Directory.CreateDirectory(Path.Combine(directory, "cache", "loading"));
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(models.Endless, Token)));
        // What a process leaves that dies in native code.
        await File.WriteAllBytesAsync(Path.Combine(markers.FullName, $"{digest}.0"), [], Token);

        var worker = await StartAsync(directory, new() { ["Worker:BackOffAfterDeath"] = "00:00:05" });
        var (good, deadly) = (worker.Store(models.Chat, "good"), worker.Store(models.Endless, "deadly"));
        deadly.Digest.ShouldBe($"sha256:{digest}");
        _library.Assignments = [good, deadly];
        var heartbeat = await _library.WaitForAsync(heartbeat => heartbeat.Models.Any(model => model.State == WorkerModelStates.Failed));
        heartbeat.Models.Single(model => model.DeploymentId == deadly.DeploymentId).Message.ShouldNotBeNull().ShouldStartWith("The worker died while it loaded these weights");
        await _library.WaitForAsync(heartbeat => heartbeat.Models.Count == 2 && heartbeat.Models.All(model => model.State == WorkerModelStates.Ready));
        markers.GetFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_that_cannot_fit_into_memory_is_refused_with_the_numbers()
    {
        var worker = await StartAsync(settings: new() { ["Engine:MemoryLimit"] = "30000000" });
        var (good, large) = (worker.Store(models.Chat, "good", contextLength: 64, slots: 1), worker.Store(models.Endless, "large", slots: int.MaxValue));
        _library.Assignments = [good, large];
        var heartbeat = await _library.WaitForAsync(heartbeat =>
            heartbeat.Models.Any(model => model.State == WorkerModelStates.Failed) && heartbeat.Models.Any(model => model.State == WorkerModelStates.Ready));
        var failed = heartbeat.Models.Single(model => model.State == WorkerModelStates.Failed);
        failed.DeploymentId.ShouldBe(large.DeploymentId);
        failed.Message.ShouldNotBeNull().ShouldStartWith("The model does not fit into memory: ");
        failed.Message.ShouldContain("of 30000000 bytes that this worker may use");
    }

    [Fact]
    public async Task With_the_library_away_a_restarted_worker_serves_from_its_last_orders()
    {
        var worker = await StartAsync();
        await worker.AssignAsync(worker.Store(models.Chat, "chat"), worker.Store(models.Embedding, "embed", ModelTasks.Embedding));
        await worker.DisposeAsync();
        _library.IsAway = true;
        Directory.Delete(Path.Combine(worker.Directory, "objects"), recursive: true);

        var again = await StartAsync(worker.Directory);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (again.Registry.Ready.Count < 2)
        {
            await Task.Delay(20, timeout.Token);
        }

        (await ChatAsync(again, "chat")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Process")]
    public async Task A_worker_that_stops_says_farewell_and_ends_streams_with_a_word_of_why(string isolation)
    {
        var worker = await StartAsync(settings: new() { ["Engine:DrainTimeout"] = "00:00:00", ["Engine:Isolation"] = isolation });
        await worker.AssignAsync(worker.Store(models.Endless, "endless"));
        using var client = worker.CreateCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "endless", messages = new[] { new { role = "user", content = "x" } }, stream = true }),
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        var body = response.Content.ReadAsStringAsync(Token);
        var stopped = worker.DisposeAsync();
        (await body).ShouldContain("\"code\":\"worker_stopping\"");
        (await body).ShouldNotContain("[DONE]");
        await _library.WaitForAsync(heartbeat => heartbeat.Draining);
        await stopped;
    }

    [Fact]
    public async Task A_worker_that_stops_while_a_process_loads_a_model_ends_it_and_blames_no_weights()
    {
        var worker = await StartAsync(settings: new() { ["Engine:Isolation"] = "Process" });
        _library.Assignments = [worker.Store(models.Chat, "chat")];
        await IsolatedWorker.UntilAsync(() => IsolatedWorker.Children().Count == 1);
        var loading = IsolatedWorker.Children()[0];
        await IsolatedWorker.SignalAsync(loading, "STOP");
        await _library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Loading }]);
        await worker.DisposeAsync();
        IsolatedWorker.HasEnded(loading).ShouldBeTrue();
        Directory.GetFiles(Path.Combine(worker.Directory, "cache", "loading")).ShouldBeEmpty();

        var again = await StartAsync(worker.Directory, new() { ["Engine:Isolation"] = "Process" });
        await _library.WaitForAsync(heartbeat => heartbeat.Models is [{ State: WorkerModelStates.Ready }]);
        (await ChatAsync(again, "chat")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_process_that_loads_what_is_no_longer_ordered_ends()
    {
        var worker = await StartAsync(settings: new() { ["Engine:Isolation"] = "Process" });
        _library.Assignments = [worker.Store(models.Chat, "chat")];
        await IsolatedWorker.UntilAsync(() => IsolatedWorker.Children().Count == 1);
        var loading = IsolatedWorker.Children()[0];
        await IsolatedWorker.SignalAsync(loading, "STOP");
        await worker.AssignAsync(worker.Store(models.Endless, "other"));
        await IsolatedWorker.UntilAsync(() => IsolatedWorker.HasEnded(loading));
        (await ChatAsync(worker, "other")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_stop_waits_no_longer_than_its_host_does()
    {
        var worker = await StartAsync();
        await worker.AssignAsync(worker.Store(models.Chat, "chat"));
        // Stands for what cannot be broken off.
        using var use = worker.Registry.Ready.ShouldHaveSingleItem().TryUse();
        var heartbeat = worker.Services.GetServices<IHostedService>().OfType<HeartbeatWorker>().ShouldHaveSingleItem();
        await heartbeat.StoppingAsync(new CancellationToken(canceled: true)).WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task A_client_that_closes_its_connection_frees_the_slot()
    {
        var worker = await StartAsync();
        await worker.AssignAsync(worker.Store(models.Endless, "endless", slots: 1));
        var engine = worker.Registry.Ready.OfType<ServedModel>().ShouldHaveSingleItem().Generator.ShouldNotBeNull();
        using (var client = worker.CreateCaller())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = JsonContent.Create(new { model = "endless", messages = new[] { new { role = "user", content = "x" } }, stream = true }),
            };
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            await using var stream = await response.Content.ReadAsStreamAsync(Token);
            (await stream.ReadAsync(new byte[64], Token)).ShouldBeGreaterThan(0);
            engine.Load.Running.ShouldBe(1);
        }

        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (engine.Load.Running > 0)
        {
            await Task.Delay(5, timeout.Token);
        }
    }

    private async Task<WorkerProcess> StartAsync(string? directory = null, Dictionary<string, string?>? settings = null)
    {
        var worker = await WorkerProcess.StartAsync(_library, directory, settings);
        _workers.Add(worker);
        return worker;
    }

    private static async Task<HttpResponseMessage> ChatAsync(WorkerProcess worker, string model)
    {
        using var client = worker.CreateCaller();
        return await client.PostAsJsonAsync(
            "/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 2, temperature = 0 }, Token);
    }
}
