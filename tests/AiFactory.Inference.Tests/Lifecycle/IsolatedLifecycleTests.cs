using System.Net;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Isolation;
using AiFactory.Inference.Tests.Isolation;

namespace AiFactory.Inference.Tests.Lifecycle;

/// <summary>With a process for each model.</summary>
public sealed class IsolatedLifecycleTests(LifecycleWorker lifecycle) : LifecycleTests(lifecycle, "Process")
{
    [Fact]
    public async Task A_model_that_sleeps_has_no_process_and_the_other_keeps_its_own()
    {
        await UseAsync([]);
        var (sleeper, waker) = (ProcessOf("sleeper"), ProcessOf("waker"));
        await PostAsync("/sleep?model=sleeper");
        IsolatedWorker.HasEnded(sleeper).ShouldBeTrue();
        await PostAsync("/wake_up?model=sleeper");
        ProcessOf("sleeper").ShouldNotBe(sleeper);
        ProcessOf("waker").ShouldBe(waker);
        IsolatedWorker.HasEnded(waker).ShouldBeFalse();
    }

    [Fact]
    public async Task A_model_whose_process_has_died_sleeps_and_wakes_as_any_other()
    {
        await UseAsync([]);
        // The first restart comes at once, the second after a pause: within it the model is sent to sleep.
        for (var death = 0; death < 2; death++)
        {
            var process = ProcessOf("sleeper");
            await IsolatedWorker.SignalAsync(process, "KILL");
            await UntilAsync(() => IsolatedWorker.HasEnded(process) && Worker.Registry.Entries.Any(entry => entry.Assignment.Deployment == "sleeper" && entry.Status.State == WorkerModelStates.Loading));
            await PostAsync("/sleep?model=sleeper");
            (await StateAsync("sleeper")).ShouldBe("sleeping");
            await PostAsync("/wake_up?model=sleeper");
            (await CompleteAsync()).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    private int ProcessOf(string model) => Worker.Registry.Ready.Single(one => one.Assignment.Deployment == model).ShouldBeOfType<IsolatedModel>().Process.Id;
}
