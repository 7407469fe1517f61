using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class TokenSourcesTests
{
    [Fact]
    public void What_was_cancelled_is_not_given_to_another_request()
    {
        var sources = Enumerable.Range(0, 8).Select(_ => TokenSources.Rent(TimeProvider.System)).ToList();
        foreach (var source in sources)
        {
            source.Cancel();
            TokenSources.Return(source, TimeProvider.System);
        }

        var rented = Enumerable.Range(0, 300).Select(_ => TokenSources.Rent(TimeProvider.System)).ToList();

        rented.ShouldAllBe(source => !source.IsCancellationRequested);
        rented.Distinct().Count().ShouldBe(300);
        rented.ForEach(source => TokenSources.Return(source, TimeProvider.System));
    }

    [Fact]
    public void Who_listened_to_the_last_request_hears_nothing_of_the_next()
    {
        var heard = false;
        var source = TokenSources.Rent(TimeProvider.System);
        source.Token.Register(() => heard = true);
        source.CancelAfter(TimeSpan.FromHours(1));

        TokenSources.Return(source, TimeProvider.System);
        var next = Enumerable.Range(0, 300).Select(_ => TokenSources.Rent(TimeProvider.System)).ToList();
        next.ForEach(each => each.Cancel());

        heard.ShouldBeFalse();
        next.ForEach(each => TokenSources.Return(each, TimeProvider.System));
    }
}
