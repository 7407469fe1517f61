using System.Diagnostics;
using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Sources.Directories;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static AiFactory.ModelLibrary.Tests.Edges.SourceCalls;

namespace AiFactory.ModelLibrary.Tests.Sync;

public class SyncTests(PostgresFixture postgres)
{
    private const string Project = "/api/library/projects/default";

    [Fact]
    public async Task Rules_decide_what_enters_and_a_file_s_path_names_model_and_tag()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        await library.PlaceAsync("org/llm/release-1/w.gguf", TinyGguf.Chat().ToBytes());
        await library.PlaceAsync("org/llm/dev-1/w.gguf", TinyGguf.Chat().ToBytes());
        await library.PlaceAsync("other.gguf", TinyGguf.Chat().ToBytes());
        await library.PlaceAsync("readme.txt", [1]);

        var source = await AddAsync(admin, library.Models, "org/*", "^release-.*");

        var synced = await UntilSyncedAsync(admin, source, sync => sync.State == "succeeded");
        (synced.Discovered, synced.Added, synced.Skipped, synced.Error).ShouldBe((1, 1, 2, null));
        var model = await admin.UntilAsync<ModelResponse>($"{Project}/models/org/llm", model => model.Versions[0].State == ModelVersionStates.PendingApproval);
        model.Versions.ShouldHaveSingleItem().Tag.ShouldBe("release-1");
    }

    [Fact]
    public async Task Changed_bytes_are_a_new_version_touched_ones_are_not_and_removed_ones_stay()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        var file = await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());
        var source = await AddAsync(admin, library.Models);
        await admin.UntilAsync<Page<ModelResponse>>($"{Project}/models", page => page.Items is [{ Versions: [{ State: ModelVersionStates.PendingApproval }] }]);

        File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await SyncAsync(admin, source)).Added.ShouldBe(0);

        var other = TinyGguf.Chat();
        other.Seed = 2;
        await library.PlaceAsync("m.gguf", other.ToBytes());
        (await SyncAsync(admin, source)).Added.ShouldBe(1);
        File.Delete(file);
        await SyncAsync(admin, source);

        var model = await admin.UntilAsync<ModelResponse>($"{Project}/models/m", model => model.Versions.All(version => version.State == ModelVersionStates.PendingApproval));
        model.Versions.Select(version => version.Version).ShouldBe([2, 1]);
        model.Versions[0].Digest.ShouldNotBe(model.Versions[1].Digest);
    }

    [Fact]
    public async Task The_same_bytes_lie_in_object_storage_once_under_their_digest()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        await library.PlaceAsync("a.gguf", TinyGguf.Chat().ToBytes());
        await library.PlaceAsync("b.gguf", TinyGguf.Chat().ToBytes());
        await AddAsync(admin, library.Models);

        var models = await admin.UntilAsync<Page<ModelResponse>>(
            $"{Project}/models", page => page.Items.Count == 2 && page.Items.All(model => model.Versions[0].State == ModelVersionStates.PendingApproval));

        models.Items.Select(model => model.Versions[0].Digest).Distinct().ShouldHaveSingleItem();
        var stored = Directory.GetFiles(Path.Combine(library.Objects, "models", "sha256")).ShouldHaveSingleItem();
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(stored, TestContext.Current.CancellationToken)));
        Path.GetFileName(stored).ShouldBe(hash);
    }

    [Fact]
    public async Task A_truncated_model_is_quarantined_with_its_reason_and_can_neither_be_approved_nor_deployed()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        var whole = TinyGguf.Chat().ToBytes();
        await library.PlaceAsync("broken.gguf", whole[..^40]);
        await AddAsync(admin, library.Models);

        var version = (await admin.UntilAsync<Page<ModelResponse>>(
            $"{Project}/models", page => page.Items is [{ Versions: [{ State: ModelVersionStates.Quarantined }] }])).Items[0].Versions[0];

        version.Reason.ShouldNotBeNull().ShouldContain("the file is truncated");
        version.Evidence[^1].ShouldSatisfyAllConditions(last => last.Stage.ShouldBe("scanned"), last => last.Outcome.ShouldBe("failed"));
        (await (await admin.PostAsync($"{Project}/versions/{version.Id}/approvals", new ApprovalRequest("approve", null))).ProblemAsync()).Status.ShouldBe(409);
        var deploy = await (await admin.PostAsync($"{Project}/deployments", new DeploymentRequest("d", version.Id, null, null, null, null))).ProblemAsync();
        deploy.ShouldSatisfyAllConditions(problem => problem.Status.ShouldBe(409), problem => problem.Detail.ShouldContain("only an approved version"));
    }

    [Fact]
    public async Task A_file_that_is_still_written_waits_until_it_is_quiet()
    {
        await using var library = await StartAsync(new() { ["Sources:SettleTime"] = "00:00:02" });
        using var admin = library.Admin();
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes()[..100]);
        var source = await AddAsync(admin, library.Models);
        (await UntilSyncedAsync(admin, source, sync => sync.State == "succeeded")).Added.ShouldBe(0);

        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());

        var models = await admin.UntilAsync<Page<ModelResponse>>($"{Project}/models", page => page.Items.Count == 1 && page.Items[0].Versions[0].State != ModelVersionStates.Discovered);
        models.Items[0].Versions.ShouldHaveSingleItem().State.ShouldBeOneOf(ModelVersionStates.Scanning, ModelVersionStates.PendingApproval);
    }

    [Fact]
    public async Task Two_files_for_one_tag_are_passed_over_and_said()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        await library.PlaceAsync("m/one.gguf", TinyGguf.Chat().ToBytes());
        await library.PlaceAsync("m/two.gguf", TinyGguf.Chat().ToBytes());

        var source = await AddAsync(admin, library.Models);

        (await UntilSyncedAsync(admin, source, sync => sync.State == "succeeded")).Error.ShouldNotBeNull().ShouldContain("m/one.gguf and m/two.gguf are both model m");
    }

    [Fact]
    public async Task A_location_outside_of_the_allowed_roots_and_patterns_that_are_none_are_refused_by_field()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        Directory.CreateSymbolicLink(Path.Combine(library.Models, "out"), "/etc");

        async Task<string> RefusedAsync(SourceRequest request)
        {
            var response = await admin.PostAsync($"{Project}/sources", request);
            ((int)response.StatusCode).ShouldBe(400);
            return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        foreach (var location in (string[])["/etc", library.Models + "/../..", Path.Combine(library.Models, "out"), "relative", library.Models + "-next-door"])
        {
            (await RefusedAsync(new SourceRequest("s", "directory", location, null, null, null))).ShouldContain("\"location\"", Case.Sensitive, location);
        }

        (await RefusedAsync(new SourceRequest("s", "ftp", library.Models, null, null, null))).ShouldContain("\"kind\"");
        (await RefusedAsync(new SourceRequest("s", "directory", library.Models, null, "(", null))).ShouldContain("\"tagFilter\"");
    }

    [Fact]
    public async Task A_link_that_leads_out_of_the_source_is_passed_over()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        var secret = Path.Combine(Path.GetDirectoryName(library.Models) ?? "", "secret.gguf");
        await File.WriteAllBytesAsync(secret, TinyGguf.Chat().ToBytes(), TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(library.Models, "stolen.gguf"), secret);

        var source = await AddAsync(admin, library.Models);

        (await UntilSyncedAsync(admin, source, sync => sync.State == "succeeded")).ShouldSatisfyAllConditions(
            sync => sync.Discovered.ShouldBe(0), sync => sync.Added.ShouldBe(0));
    }

    [Fact]
    public async Task A_pipe_that_is_named_like_a_model_is_passed_over_and_stops_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It makes a pipe.");
        await using var library = await StartAsync();
        using var admin = library.Admin();
        using var mkfifo = Process.Start("mkfifo", Path.Combine(library.Models, "a.gguf"));
        await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken);
        mkfifo.ExitCode.ShouldBe(0);
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());

        await AddAsync(admin, library.Models);

        var models = await admin.UntilAsync<Page<ModelResponse>>($"{Project}/models", page => page.Items is [{ Versions: [{ State: ModelVersionStates.PendingApproval }] }]);
        models.Items[0].Name.ShouldBe("m");
        RegularFile.Open(Path.Combine(library.Models, "a.gguf")).ShouldBeNull();
    }

    [Fact]
    public async Task A_version_that_failed_is_taken_up_again_when_a_person_asks_for_a_sync()
    {
        await using var library = await StartAsync();
        using var admin = library.Admin();
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());
        var source = await AddAsync(admin, library.Models);
        await admin.UntilAsync<Page<ModelResponse>>($"{Project}/models", page => page.Items is [{ Versions: [{ State: ModelVersionStates.PendingApproval }] }]);
        await using (var command = library.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("update model_versions set state = 'failed'"))
        {
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        (await SyncAsync(admin, source)).Added.ShouldBe(1);

        await admin.UntilAsync<Page<ModelResponse>>(
            $"{Project}/models", page => page.Items is [{ Versions: [{ Version: 2, State: ModelVersionStates.PendingApproval }, { State: ModelVersionStates.Failed }] }]);
        (await SyncAsync(admin, source)).Added.ShouldBe(0);
    }

    [Fact]
    public async Task Work_whose_worker_was_killed_is_taken_up_when_its_lease_ends()
    {
        await using var library = await StartAsync(new() { ["Sync:Lease"] = "00:00:02" });
        using var admin = library.Admin();
        await library.PlaceAsync("m.gguf", TinyGguf.Chat().ToBytes());
        var source = await AddAsync(admin, library.Models);
        await admin.UntilAsync<Page<ModelResponse>>($"{Project}/models", page => page.Items is [{ Versions: [{ State: ModelVersionStates.PendingApproval }] }]);

        // As a kill -9 leaves them: a sync that runs and a version that is copied, each by a process that is no more.
        var database = library.Services.GetRequiredService<NpgsqlDataSource>();
        await using var command = database.CreateCommand(
            """
            update syncs set state = 'running', finished_at = null, lease_id = gen_random_uuid(), lease_until = now() + interval '1 second'
            where id = (select max(id::text)::uuid from syncs);
            update model_versions set state = 'discovered', digest = null, object_key = null, lease_id = gen_random_uuid(), lease_until = now() + interval '1 second';
            """);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await admin.UntilAsync<Page<ModelResponse>>($"{Project}/models", page => page.Items[0].Versions is [{ State: ModelVersionStates.PendingApproval }]);
        await UntilSyncedAsync(admin, source, sync => sync.State == "succeeded");
    }

    private Task<LibraryUnderTest> StartAsync(Dictionary<string, string?>? settings = null) => StartedAsync(postgres, settings);
}
