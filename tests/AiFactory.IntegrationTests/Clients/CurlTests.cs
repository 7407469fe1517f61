using System.Diagnostics;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests.Clients;

[Collection(SharedFactory.Name)]
public sealed class CurlTests(FactoryFixture fixture)
{
    [Fact]
    public async Task The_printed_curl_line_works_when_pasted()
    {
        var line = FactoryProcess.CurlLine().Match(fixture.Factory.Output).Value.Trim();

        using var shell = Process.Start(new ProcessStartInfo("/bin/sh") { ArgumentList = { "-c", line }, RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("no shell");
        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        shell.ExitCode.ShouldBe(0, line);
        output.ShouldContain("\"choices\"", customMessage: line);
    }
}
