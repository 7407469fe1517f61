using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Tests.Orchestration;

public sealed class PreparationTests : IDisposable
{
    private readonly TestHost _host = new();
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_missing_parameter_is_named_with_the_way_to_set_it()
    {
        var builder = _host.Builder();
        builder.AddParameter("admin-key", secret: true);
        await using var application = builder.Build();

        var fault = await Should.ThrowAsync<MissingParameterValueException>(() => application.StartAsync(_cancellation));
        fault.Message.ShouldContain("'admin-key'");
        fault.Message.ShouldContain("Parameters__admin_key");
        fault.Message.ShouldContain("Parameters:admin-key");
    }

    [Fact]
    public void A_parameter_may_be_given_with_an_underscore_for_each_hyphen()
        => _host.Builder("--Parameters:admin_key=x").AddParameter("admin-key").Resource.Value.ShouldBe("x");

    [Fact]
    public void A_value_in_code_stands_whatever_is_configured_and_a_default_gives_way()
    {
        var builder = _host.Builder("--Parameters:said=configured", "--Parameters:asked=configured", "--Parameters:usual=configured");

        builder.AddParameter("said", "in code", secret: true).Resource.Value.ShouldBe("in code");
        builder.AddParameter("asked", () => "in code").Resource.Value.ShouldBe("in code");
        builder.AddParameter("usual", new GenerateParameterDefault(), secret: true).Resource.Value.ShouldBe("configured");
    }

    [Fact]
    public void A_generated_parameter_is_kept_where_only_its_owner_can_read_it()
    {
        string Value() => _host.Builder().AddParameter("kept", new GenerateParameterDefault { MinLength = 40, MinNumeric = 5, Special = false }, secret: true, persist: true).Resource.Value;

        var first = Value();
        first.Length.ShouldBe(40);
        first.Count(char.IsAsciiDigit).ShouldBeGreaterThanOrEqualTo(5);
        first.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c));
        Value().ShouldBe(first);
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.GetUnixFileMode(Path.Combine(_host.Folder, "secrets.json")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_taken_port_is_told_with_its_endpoint_and_its_holder()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var builder = _host.Builder();
        builder.AddProject("gateway", TestHost.ServiceProject).WithHttpEndpoint(port: port);
        await using var application = builder.Build();

        var fault = await Should.ThrowAsync<DistributedApplicationException>(() => application.StartAsync(_cancellation));
        fault.Message.ShouldContain($"Port {port} (endpoint 'http' of 'gateway') is taken by");
        fault.Message.ShouldContain($"process {Environment.ProcessId}");
    }

    [Fact]
    public async Task A_data_folder_has_one_AppHost_at_a_time()
    {
        await using var first = _host.Builder().Build();
        await first.StartAsync(_cancellation);
        await using var second = _host.Builder().Build();

        var fault = await Should.ThrowAsync<DistributedApplicationException>(() => second.StartAsync(_cancellation));
        fault.Message.ShouldContain($"process {Environment.ProcessId}");
        await first.StopAsync(_cancellation);
    }

    [Fact]
    public async Task Publishing_starts_nothing()
    {
        await using var application = _host.Builder("publish", "--output-path", "x").Build();
        (await Should.ThrowAsync<InvalidOperationException>(() => application.StartAsync(_cancellation))).Message.ShouldContain("Nothing is started to publish");
    }

    [Fact]
    public void A_resource_waits_neither_for_itself_nor_twice_under_one_name()
    {
        var builder = _host.Builder();
        var one = builder.AddExecutable("one", "true", ".");
        Should.Throw<DistributedApplicationException>(() => one.WaitFor(one));
        Should.Throw<DistributedApplicationException>(() => builder.AddExecutable("ONE", "true", "."));
        Should.Throw<ArgumentException>(() => builder.AddExecutable("no_underscores", "true", "."));
    }
}
