using System.Diagnostics;
using AiFactory.Hosting.Acquisition;
using AiFactory.Hosting.Postgres;
using AiFactory.Testing.Edges;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace AiFactory.Hosting.Tests.Postgres;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-pg-");
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task It_keeps_its_data_over_a_restart_and_asks_for_the_password()
    {
        await using (var first = await StartAsync())
        {
            await ExecuteAsync(first, "create table kept (n int); insert into kept values (42)");
            var wrong = new NpgsqlConnectionStringBuilder(first.ConnectionString()) { Password = "wrong", Pooling = false }.ConnectionString;
            await using var connection = new NpgsqlConnection(wrong);
            var refused = await Should.ThrowAsync<PostgresException>(() => connection.OpenAsync(_cancellation));
            refused.SqlState.ShouldBe(PostgresErrorCodes.InvalidPassword);
        }

        await using var second = await StartAsync();
        (await ExecuteAsync(second, "select n from kept")).ShouldBe(42);
    }

    [Fact]
    public async Task It_starts_again_after_kill_9_in_the_middle_of_a_query()
    {
        await using var first = await StartAsync();
        await ExecuteAsync(first, "create table kept (n int); insert into kept values (7)");
        // A backend in a long computation does not notice that its server died: it must not block the next one.
        var query = ExecuteAsync(first, "select count(*) from generate_series(1, 2000000000)");
        await Task.Delay(300, _cancellation);
        Process.GetProcessById(first.ProcessId).Kill();
        await first.Exited;

        await using var second = await StartAsync();
        (await ExecuteAsync(second, "select n from kept")).ShouldBe(7);
        await Should.ThrowAsync<NpgsqlException>(() => query);
    }

    [Fact]
    public async Task A_pid_file_that_names_a_living_process_of_another_program_is_stale()
    {
        await using (await StartAsync())
        {
        }

        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "data", "postmaster.pid"), $"{Environment.ProcessId}\n", _cancellation);
        await using var again = await StartAsync();
        (await ExecuteAsync(again, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Two_servers_cannot_share_a_data_directory()
    {
        await using var first = await StartAsync();
        var error = await Should.ThrowAsync<PostgresStartException>(StartAsync);
        error.Message.ShouldContain($"process {first.ProcessId}");
        (await ExecuteAsync(first, "select 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Another_password_for_old_data_is_said_in_a_sentence()
    {
        await using (await StartAsync())
        {
        }

        var error = await Should.ThrowAsync<PostgresStartException>(() => StartAsync("another"));
        error.Message.ShouldContain("another password");
    }

    [Fact]
    public async Task The_password_is_on_no_command_line()
    {
        await using var server = await StartAsync("a-password-to-look-for");
        (await File.ReadAllTextAsync($"/proc/{server.ProcessId}/cmdline", _cancellation)).ShouldNotContain("a-password-to-look-for");
        Directory.GetFiles(_folder.FullName, "*.password").ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_root_may_have_no_namespace_it_runs_as_nobody_below_a_private_folder()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Only root has to become somebody else.");
        // The temporary folder is root's alone, like /root itself.
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "account"), "nobody\n", _cancellation);
        await using (var first = await StartAsync())
        {
            (await File.ReadAllLinesAsync($"/proc/{first.ProcessId}/status", _cancellation)).ShouldContain(line => line.StartsWith("Uid:\t65534", StringComparison.Ordinal));
            await ExecuteAsync(first, "create table kept (n int); insert into kept values (3)");
        }

        await using var second = await StartAsync();
        (await ExecuteAsync(second, "select n from kept")).ShouldBe(3);
    }

    private Task<EmbeddedPostgres> StartAsync() => StartAsync("secret");

    private Task<EmbeddedPostgres> StartAsync(string password)
    {
        var options = new EmbeddedPostgresOptions { Folder = _folder.FullName, Port = FreePort.Take(), Password = password, Disposable = true };
        return EmbeddedPostgres.StartAsync(options, new PackageCache(), NullLogger.Instance, _cancellation);
    }

    private async Task<object?> ExecuteAsync(EmbeddedPostgres server, string sql)
    {
        var connectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString()) { Pooling = false, CommandTimeout = 60 }.ConnectionString;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(_cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(_cancellation);
    }
}
