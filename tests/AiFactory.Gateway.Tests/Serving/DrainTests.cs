using AiFactory.Gateway.Tests.Edges;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiFactory.Gateway.Tests.Serving;

public sealed class DrainTests
{
    [Fact]
    public async Task A_stream_under_way_ends_well_when_the_gateway_is_stopped()
    {
        var finish = new TaskCompletionSource();
        await using var worker = await FakeWorker.StartedAsync(async context =>
        {
            await FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("one"));
            await finish.Task;
            await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Serving:DrainTime", "00:00:20"));
        using var response = await gateway.ChatAsync("""{"model":"demo-chat","stream":true}""");

        gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await RefusesAsync(gateway);
        finish.SetResult();

        (await GatewayUnderTest.TextAsync(response)).ShouldBe(FakeWorker.Chunk("one") + "data: [DONE]\n\n");
    }

    [Fact]
    public async Task Before_the_door_closes_readiness_says_no_for_a_while()
    {
        await using var worker = await FakeWorker.StartedAsync();
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker), ("Serving:DrainDelay", "00:00:02"));

        gateway.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using var ready = await gateway.GetAsync("/readyz", key: null);
        using var chat = await gateway.ChatAsync();

        ((int)ready.StatusCode).ShouldBe(503);
        ((int)chat.StatusCode).ShouldBe(200);
    }

    /// <summary>Returns when a new connection finds the door closed.</summary>
    private static async Task RefusesAsync(GatewayUnderTest gateway)
    {
        while (true)
        {
            using var client = new HttpClient();
            try
            {
                using var response = await client.GetAsync(new Uri(gateway.Client.BaseAddress!, "healthz"), TestContext.Current.CancellationToken); // set at its start
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }
}
