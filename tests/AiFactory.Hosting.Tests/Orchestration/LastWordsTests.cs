using AiFactory.Hosting.Dashboard;
using AiFactory.Hosting.Orchestration;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Tests.Orchestration;

public sealed class LastWordsTests : IDisposable
{
    private readonly TestHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_cause_is_told_without_its_stack_and_without_secrets()
    {
        var words = Words();
        words.Hear("Unhandled exception. System.InvalidOperationException: no", true);
        words.Hear(" ---> System.IO.IOException: \u001b[31msesame-open\u001b[0m is refused", true);
        words.Hear("   at Some.Method() in File.cs:line 1", true);
        words.Hear("   --- End of inner exception stack trace ---", true);
        words.Hear("", true);
        words.Hear("bye", false);
        words.Sentence().ShouldBe(" It last said: ---> System.IO.IOException: ******** is refused");
    }

    [Fact]
    public void A_long_line_is_cut_and_silence_is_nothing()
    {
        var words = Words();
        words.Sentence().ShouldBeEmpty();
        words.Hear(new string('x', 400), false);
        words.Sentence().ShouldBe($" It last said: {new string('x', 300)} ...");
    }

    private LastWords Words()
    {
        var builder = _host.Builder("--Parameters:key=sesame-open");
        return new LastWords(new SecretMask([builder.AddParameter("key", secret: true).Resource]));
    }
}
