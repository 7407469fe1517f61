using System.Net;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Contracts;
using AiFactory.Contracts.Library;
using AiFactory.Contracts.Workers;
using AiFactory.ModelGenerator.Gguf;
using AiFactory.ModelLibrary.Sync;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using AiFactory.Testing.S3;
using Microsoft.Extensions.DependencyInjection;
using static AiFactory.ModelLibrary.Tests.Edges.SourceCalls;

namespace AiFactory.ModelLibrary.Tests.Sync;

/// <summary>Models that come in several files are one model.</summary>
public class SplitModelTests(PostgresFixture postgres)
{
    private const string Project = "/api/library/projects/default";
    private const string Worker = "http://localhost:4711";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task All_files_go_through_a_bucket_to_a_worker_as_one_version_with_a_digest_of_all()
    {
        await using var s3 = await S3Server.StartAsync(Token);
        await using var library = await StartedAsync(postgres, new() { ["ConnectionStrings:objects"] = s3.ConnectionString("library-split") });
        using var admin = library.Admin();
        var parts = await PlaceAsync(library, "chat", TinyGguf.Chat().ToBytes());
        var synced = await UntilSyncedAsync(admin, await AddAsync(admin, library.Models), sync => sync.Added > 0);
        (synced.Discovered, synced.Added, synced.Skipped, synced.Error).ShouldBe((1, 1, 0, null));

        var version = await UntilVersionAsync(admin, "chat", ModelVersionStates.PendingApproval);
        version.SizeBytes.ShouldBe(parts.Sum(part => (long)part.Length));
        version.Parts.ShouldNotBeNull().ShouldBe(parts.Select(part => new ModelVersionPart(Digest(part), part.Length)));
        version.Digest.ShouldBe(Digest(Encoding.UTF8.GetBytes(string.Join('\n', parts.Select(Digest)))), "what a worker that is told the files alone says of them");
        version.Metadata.ShouldNotBeNull().ShouldSatisfyAllConditions(of => of.Parameters.ShouldBe(8 * 4 + 8 + 8), of => of.Architecture.ShouldBe("llama"));
        version.Evidence.Select(step => step.Detail).ShouldContain(detail => detail.Contains("in 3 files", StringComparison.Ordinal));

        (await admin.PostAsync($"{Project}/versions/{version.Id}/approvals", new ApprovalRequest("approve", null))).StatusCode.ShouldBe(HttpStatusCode.OK);
        var packed = await admin.PostAsync($"{Project}/deployments", new DeploymentRequest("chat", version.Id, null, null, null, null) { Quantization = Quantizations.All[0] });
        packed.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await packed.Content.ReadAsStringAsync(Token)).ShouldContain("\"quantization\"");
        (await admin.PostAsync($"{Project}/deployments", new DeploymentRequest("chat", version.Id, null, null, null, null))).StatusCode.ShouldBe(HttpStatusCode.Created);
        var order = await OrderAsync(library);
        (order.Digest, order.SizeBytes).ShouldBe((version.Digest, version.SizeBytes));
        order.Parts.ShouldNotBeNull().ShouldBe(parts.Select(part => new ModelPart($"models/sha256/{Digest(part)[7..]}", Digest(part), part.Length)));
        order.ObjectKey.ShouldBe(order.Parts[0].ObjectKey);

        // Its bytes are those of all: revoked, none of them is ordered any more.
        (await admin.PostAsync($"{Project}/versions/{version.Id}/revocation", new RevocationRequest("its licence has ended"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        while ((await library.BeatAsync(Worker)).Assignments.Count > 0)
        {
        }
    }

    [Fact]
    public async Task One_other_file_is_another_version_and_a_touched_one_is_not()
    {
        await using var library = await StartedAsync(postgres);
        using var admin = library.Admin();
        await PlaceAsync(library, "org/chat/v1/w", TinyGguf.Chat().ToBytes());
        var source = await AddAsync(admin, library.Models);
        var first = await UntilVersionAsync(admin, "org/chat", ModelVersionStates.PendingApproval);
        first.Tag.ShouldBe("v1");

        var last = Path.Combine(library.Models, "org/chat/v1/w-00003-of-00003.gguf");
        File.SetLastWriteTimeUtc(last, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await SyncAsync(admin, source)).Added.ShouldBe(0);

        // An older file than the one that was there, of the same length: neither a sum nor the newest time tells.
        var bytes = await File.ReadAllBytesAsync(last, Token);
        bytes[^32]++;
        await File.WriteAllBytesAsync(last, bytes, Token);
        File.SetLastWriteTimeUtc(last, new DateTime(2019, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        (await SyncAsync(admin, source)).Added.ShouldBe(1);
        var versions = (await admin.UntilAsync<ModelResponse>($"{Project}/models/org/chat", model => model.Versions is [{ State: ModelVersionStates.PendingApproval }, _])).Versions;
        versions[0].Digest.ShouldNotBe(versions[1].Digest);
        versions[0].Parts.ShouldNotBeNull().Zip(versions[1].Parts.ShouldNotBeNull()).Count(pair => pair.First == pair.Second).ShouldBe(2);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named_and_the_model_comes_in_with_it()
    {
        await using var library = await StartedAsync(postgres);
        using var admin = library.Admin();
        await PlaceAsync(library, "chat", TinyGguf.Chat().ToBytes());
        var second = Path.Combine(library.Models, "chat-00002-of-00003.gguf");
        File.Move(second, second + ".away");
        var source = await AddAsync(admin, library.Models);

        var lacking = await UntilSyncedAsync(admin, source, sync => sync.State == "succeeded");
        (lacking.Discovered, lacking.Added, lacking.Skipped).ShouldBe((0, 0, 1));
        lacking.Error.ShouldBe("Passed over: model chat, tag latest, comes in 3 files and lacks chat-00002-of-00003.gguf.");

        File.Move(second + ".away", second);
        (await SyncAsync(admin, source)).ShouldSatisfyAllConditions(sync => sync.Added.ShouldBe(1), sync => sync.Error.ShouldBeNull());
        await UntilVersionAsync(admin, "chat", ModelVersionStates.PendingApproval);
    }

    [Fact]
    public async Task More_files_than_any_model_has_are_passed_over()
    {
        await using var library = await StartedAsync(postgres);
        using var admin = library.Admin();
        await library.PlaceAsync("chat-00001-of-01001.gguf", [1]);

        (await UntilSyncedAsync(admin, await AddAsync(admin, library.Models), sync => sync.State == "succeeded")).Error
            .ShouldBe("Passed over: model chat, tag latest, comes in 1001 files; 1000 are the most.");
    }

    [Fact]
    public async Task A_scan_that_ended_the_process_each_time_is_given_up()
    {
        await using var library = await StartedAsync(postgres);
        using var admin = library.Admin();
        await library.PlaceAsync("chat.gguf", TinyGguf.Chat().ToBytes());
        await AddAsync(admin, library.Models);
        var version = await UntilVersionAsync(admin, "chat", ModelVersionStates.PendingApproval);

        await library.Services.GetRequiredService<Database>().ExecuteAsync("update model_versions set state = 'scanning', attempts = 20 where id = @Id", new { version.Id }, Token);

        (await UntilVersionAsync(admin, "chat", ModelVersionStates.Failed)).Reason.ShouldBe("Scanning was begun 20 times and never came to an end.");
    }

    [Fact]
    public async Task Files_that_did_not_stay_as_they_were_found_together_make_no_version()
    {
        await using var library = await StartedAsync(postgres);
        using var admin = library.Admin();
        var parts = await PlaceAsync(library, "chat", TinyGguf.Chat().ToBytes());
        var source = await AddAsync(admin, library.Models);
        var whole = await UntilVersionAsync(admin, "chat", ModelVersionStates.PendingApproval);

        // As if it had not been copied yet when the second file was replaced by one of the same length.
        var database = library.Services.GetRequiredService<Database>();
        await database.ExecuteAsync("update source_artifacts set modified_at = modified_at - interval '1 s' where path like '%-00002-of-%'", null, Token);
        await database.ExecuteAsync("update model_versions set state = 'discovered', digest = null, object_key = null, parts = null where id = @Id", new { whole.Id }, Token);

        var torn = await UntilVersionAsync(admin, "chat", ModelVersionStates.Failed);
        torn.Reason.ShouldNotBeNull().ShouldStartWith("The file chat-00002-of-00003.gguf is not as it was when the model was found");
        torn.Digest.ShouldBeNull();
        torn.Parts.ShouldNotBeNull().Select(part => part.Digest).ShouldBe(parts.Select(Digest), "what lies in object storage is still named");
        (await SyncAsync(admin, source)).Added.ShouldBe(1);
        (await UntilVersionAsync(admin, "chat", ModelVersionStates.PendingApproval)).Version.ShouldBe(2);
    }

    [Theory]
    [InlineData("swapped", "split: in file 2 at byte", "'split.no' is 2 (UInt16) and should be 1 (UInt16)")]
    [InlineData("alone", "split: at byte", "it is one of 3 files (split.count) and came alone")]
    [InlineData("of another", "split: in file 3", "tensor 'token_embd.weight' is in a file before it as well")]
    [InlineData("cut", "malformed: in file 2 at byte", "the file is truncated")]
    public async Task What_is_not_all_of_one_model_is_quarantined_and_says_which_file(string fault, string where, string why)
    {
        await using var library = await StartedAsync(postgres);
        using var admin = library.Admin();
        var parts = GgufSplitter.Split(TinyGguf.Chat().ToBytes(), 3);
        List<byte[]> placed = fault switch
        {
            "swapped" => [parts[0], parts[2], parts[1]],
            "alone" => [parts[0]],
            "of another" => [parts[0], parts[1], new TinyGguf().UInt32("split.no", 2).UInt32("split.count", 3).Tensor("token_embd.weight", [8, 4]).ToBytes()],
            _ => [parts[0], parts[1][..^8], parts[2]],
        };
        for (var index = 0; index < placed.Count; index++)
        {
            await library.PlaceAsync(placed.Count == 1 ? "chat.gguf" : $"chat-0000{index + 1}-of-00003.gguf", placed[index]);
        }

        await AddAsync(admin, library.Models);

        var version = await UntilVersionAsync(admin, "chat", ModelVersionStates.Quarantined);
        version.Evidence.Select(step => step.Detail).ShouldContain(detail => detail.StartsWith(where, StringComparison.Ordinal) && detail.Contains(why, StringComparison.Ordinal));
        (version.Parts?.Count ?? 1).ShouldBe(placed.Count);
    }

    [Fact]
    public void The_names_that_make_one_model_are_llamas()
    {
        Sources.SplitName.PathsOf("a/chat-00002-of-00003.gguf").ShouldBe(["a/chat-00001-of-00003.gguf", "a/chat-00002-of-00003.gguf", "a/chat-00003-of-00003.gguf"]);
        foreach (var path in (string[])["chat.gguf", "chat-00004-of-00003.gguf", "chat-00000-of-00003.gguf", "-00001-of-00003.gguf", "chat-00001-of-00001.gguf", "chat-00001-OF-00003.gguf", "chat-00001-of-00003.GGUF"])
        {
            Sources.SplitName.PathsOf(path).ShouldBe([path]);
        }

        Sources.Directories.DirectoryLayout.NameOf("chat-00001-of-00001.gguf").ShouldBe(("chat-00001-of-00001", "latest"), "the name that it had before there were models in several files");
        ContentHash.Digest("ab").ShouldBe("sha256:ab");
    }

    private static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private static async Task<IReadOnlyList<byte[]>> PlaceAsync(LibraryUnderTest library, string name, byte[] whole)
    {
        var parts = GgufSplitter.Split(whole, 3);
        for (var index = 0; index < parts.Count; index++)
        {
            await library.PlaceAsync($"{name}-0000{index + 1}-of-00003.gguf", parts[index]);
        }

        return parts;
    }

    private static async Task<ModelAssignment> OrderAsync(LibraryUnderTest library)
    {
        while (true)
        {
            if ((await library.BeatAsync(Worker)).Assignments is [var order])
            {
                return order;
            }
        }
    }
}
