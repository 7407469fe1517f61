using System.Net;
using AiFactory.ModelLibrary.ApprovedModels;
using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Kubernetes;

namespace AiFactory.ModelLibrary.Tests.ApprovedModels;

public sealed class ProjectNamespaceTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static AuditMark Act(long sequence) => new(sequence, sequence);

    private readonly ProjectNamespace _place = new("bank", "ai-project-bank", TimeSpan.FromSeconds(30));

    [Fact]
    public void It_is_due_at_the_beginning_at_each_act_and_now_and_then()
    {
        _place.IsDue(Act(7), Start).ShouldBeTrue();
        _place.Succeeded(Act(7), Start);
        _place.IsDue(Act(7), Start.AddSeconds(29)).ShouldBeFalse();
        _place.IsDue(Act(7), Start.AddSeconds(30)).ShouldBeTrue();
        _place.IsDue(Act(8), Start.AddSeconds(1)).ShouldBeTrue();
    }

    [Fact]
    public void After_failures_it_waits_twice_as_long_each_time_whatever_is_done_meanwhile()
    {
        var waits = Enumerable.Range(0, 9).Select(_ => _place.Failed(new KubernetesException("away"), Act(7), Start).TotalSeconds).ToList();
        waits.ShouldBe([1, 2, 4, 8, 16, 32, 60, 60, 60]);
        _place.IsDue(Act(8), Start.AddSeconds(59)).ShouldBeFalse();
        _place.IsDue(Act(8), Start.AddSeconds(60)).ShouldBeTrue();
        _place.Failure.ShouldNotBeNull();

        _place.Succeeded(Act(8), Start);
        _place.Failure.ShouldBeNull();
        _place.Failed(new KubernetesException("away"), Act(7), Start).TotalSeconds.ShouldBe(1);
    }

    [Fact]
    public void An_object_that_is_refused_waits_and_a_new_act_does_not()
    {
        _place.Failed(new KubernetesException("invalid", HttpStatusCode.UnprocessableEntity), Act(7), Start);
        _place.IsDue(Act(7), Start.AddSeconds(0.9)).ShouldBeFalse();
        _place.IsDue(Act(8), Start).ShouldBeTrue("what it revokes is not the object that is refused");
        _place.Failure.ShouldNotBeNull();

        // Then the server goes away: it is left alone.
        _place.Failed(new KubernetesException("away"), Act(8), Start);
        _place.IsDue(Act(9), Start.AddSeconds(1.9)).ShouldBeFalse();
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(0, 1)]
    [InlineData(3600, 60)]
    public void A_server_that_says_how_long_is_left_alone_so_long_within_reason(int asked, int waits) =>
        _place.Failed(new KubernetesException("full", HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(asked)), Act(7), Start).TotalSeconds.ShouldBe(waits);

    [Fact]
    public void What_failed_before_another_library_took_over_is_forgotten()
    {
        _place.Failed(new KubernetesException("away"), Act(7), Start);
        _place.Forget();
        _place.Failure.ShouldBeNull();
        _place.IsDue(Act(8), Start).ShouldBeTrue();
    }
}
