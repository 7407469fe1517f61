using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using AiFactory.Contracts;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Tests.Worker;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Tests.Fleet;

/// <summary>A worker whose settings name its one model, as a pod of KServe's is started.</summary>
public sealed class FixedModelTests(GeneratedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_ready_when_its_model_is_and_asks_no_library()
    {
        var library = await FakeLibrary.StartAsync();
        library.IsAway = true;
        var weights = await File.ReadAllBytesAsync(models.Chat, Token);
        await using var worker = await WorkerProcess.StartAsync(library, settings: new()
        {
            ["Engine:Isolation"] = null,
            ["Serve:Deployment"] = "demo",
            ["Serve:ObjectKey"] = "models/demo.gguf",
            ["Serve:Digest"] = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(weights))}",
            ["Serve:SizeBytes"] = $"{weights.Length}",
        });
        using var client = worker.CreateCaller();
        var waiting = await client.GetAsync("/readyz", Token);
        waiting.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await waiting.Content.ReadAsStringAsync(Token)).ShouldContain("demo is");

        // The library takes the weights in meanwhile.
        worker.Store(models.Chat, "demo");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while ((await client.GetAsync("/readyz", patience.Token)).StatusCode != HttpStatusCode.OK)
        {
            await Task.Delay(50, patience.Token);
        }

        var answer = await client.PostAsJsonAsync(
            "/v1/chat/completions", new { model = "demo", messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 2 }, Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        worker.Registry.Ready.ShouldHaveSingleItem().ShouldBeOfType<ServedModel>();
        await library.DisposeAsync();
    }

    [Fact]
    public void What_loads_it_has_llama_loaded_before()
        => typeof(FixedModelWorker).GetConstructors().ShouldHaveSingleItem().GetParameters().Select(parameter => parameter.ParameterType).ShouldContain(typeof(AiFactory.Inference.Native.LlamaRuntime));

    [Fact]
    public void Replicas_of_one_deployment_agree_on_its_id()
    {
        var serve = new ServeOptions { Deployment = "demo", ObjectKey = "k", Digest = "sha256:0", SizeBytes = 1 };
        FixedModelWorker.Assignment(serve).ShouldBe(FixedModelWorker.Assignment(serve));
        FixedModelWorker.Assignment(serve).DeploymentId.ShouldNotBe(
            FixedModelWorker.Assignment(new ServeOptions { Deployment = "demo", Project = "other", ObjectKey = "k", Digest = "sha256:0", SizeBytes = 1 }).DeploymentId);
    }

    [Theory]
    [InlineData(ModelTasks.Chat, "", "Serve:Deployment needs Serve:ObjectKey")]
    [InlineData("sing", "sha256:0", "Serve:Task must be 'chat', 'embedding' or 'rerank'")]
    public void A_setting_that_is_missing_or_wrong_is_named(string task, string digest, string message)
    {
        var result = new DataAnnotationValidateOptions<ServeOptions>(null).Validate(Options.DefaultName, new ServeOptions { Deployment = "demo", Task = task, ObjectKey = "k", Digest = digest, SizeBytes = 1 });
        result.Failed.ShouldBeTrue();
        result.FailureMessage.ShouldContain(message);
    }
}
