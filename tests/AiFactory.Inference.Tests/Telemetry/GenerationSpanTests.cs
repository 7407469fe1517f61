using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Telemetry;

public sealed class GenerationSpanTests(WorkerFixture fixture) : IClassFixture<WorkerFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_generation_is_one_span_of_the_callers_trace_with_tokens_and_time_to_first_token(bool stream)
    {
        var token = TestContext.Current.CancellationToken;
        var ended = new ConcurrentQueue<Activity>();
        using var caller = new Activity("caller").Start();
        var traceId = caller.TraceId;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is InferenceTelemetry.Name or "Microsoft.AspNetCore" or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == traceId && activity.Source.Name == InferenceTelemetry.Name)
                {
                    ended.Enqueue(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);

        using var client = fixture.Worker.CreateCaller();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { model = "endless", messages = new[] { new { role = "user", content = "Hello" } }, max_tokens = 7, stream }),
        };
        using var response = await client.SendAsync(request, token);
        response.EnsureSuccessStatusCode();

        // The span ends just after the last byte has been sent.
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (ended.IsEmpty)
        {
            await Task.Delay(5, timeout.Token);
        }

        var span = ended.ShouldHaveSingleItem();
        span.DisplayName.ShouldBe("chat endless");
        span.GetTagItem("gen_ai.operation.name").ShouldBe("chat");
        span.GetTagItem("gen_ai.usage.output_tokens").ShouldBe(7);
        ((int)span.GetTagItem("gen_ai.usage.input_tokens").ShouldNotBeNull()).ShouldBeGreaterThan(0);
        ((double)span.GetTagItem("gen_ai.server.time_to_first_token").ShouldNotBeNull()).ShouldBeGreaterThan(0);
        ((double)span.GetTagItem("aifactory.inference.queue_time").ShouldNotBeNull()).ShouldBeGreaterThanOrEqualTo(0);
        span.Events.ShouldContain(item => item.Name == "gen_ai.first_token");
    }
}
