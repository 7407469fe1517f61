using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Tests.Lifecycle;

/// <summary>With the engines in the worker's process; and what does not depend on where they are.</summary>
public sealed class InProcessLifecycleTests(LifecycleWorker lifecycle) : LifecycleTests(lifecycle, "None")
{
    [Fact]
    public async Task Its_models_are_in_this_process()
    {
        await UseAsync([]);
        Worker.Registry.Ready.ShouldAllBe(model => model is ServedModel);
    }

    [Fact]
    public async Task A_version_that_is_known_and_sleeps_is_not_ready_and_another_is_not_found()
    {
        await UseAsync([]);
        await PostAsync("/sleep?model=sleeper");
        using var asleep = await Developer.GetAsync("/v2/models/sleeper/versions/1/ready", Token);
        asleep.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await asleep.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("ready").GetBoolean().ShouldBeFalse();
        using var unknown = await Developer.GetAsync("/v2/models/sleeper/versions/2/ready", Token);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_model_that_sleeps_is_one_of_those_that_a_request_without_a_name_may_mean()
    {
        await UseAsync([]);
        await PostAsync("/sleep?model=sleeper");
        using var unclear = await Developer.PostAsJsonAsync("/tokenize", new { content = "x" }, Token);
        unclear.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("/sleep?level=3", "level")]
    [InlineData("/sleep?mode=abort", "mode")]
    [InlineData("/wake_up?tags=weights", "tags")]
    public async Task What_cannot_be_done_is_refused_by_name(string route, string parameter)
    {
        await UseAsync([]);
        using var response = await Operator.PostAsync(route, null, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }

    [Fact]
    public async Task Only_an_operator_of_the_project_sends_its_models_to_sleep()
    {
        await UseAsync([]);
        foreach (var route in new[] { "/sleep", "/wake_up", "/models/load", "/models/unload" })
        {
            using var forbidden = await Developer.PostAsJsonAsync(route, new { model = "sleeper" }, Token);
            forbidden.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }

        using var stranger = Worker.CreateCaller("operator", "other");
        using var unknown = await stranger.PostAsync("/sleep?model=sleeper", null, Token);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var nothing = await stranger.PostAsync("/sleep", null, Token);
        nothing.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StateAsync("sleeper")).ShouldBe("loaded");
    }

    [Fact]
    public async Task A_request_waits_no_longer_than_the_settings_say_and_no_more_wait_than_the_queue_holds()
    {
        await UseAsync(new() { ["Lifecycle:LongestWait"] = "00:00:00.2" });
        await PostAsync("/sleep?model=sleeper");
        using var refused = await CompleteAsync();
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Message.ShouldContain("sleeping");

        await UseAsync(new() { ["Engine:QueueLimit"] = "1" });
        await PostAsync("/sleep?model=sleeper");
        var waiting = CompleteAsync();
        await MetricAsync("vllm:num_requests_waiting", "sleeper", 1);
        using var full = await CompleteAsync();
        full.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await PostAsync("/wake_up");
        (await waiting).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
