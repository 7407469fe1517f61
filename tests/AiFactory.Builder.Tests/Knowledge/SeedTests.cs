using AiFactory.Builder.Knowledge.Seeding;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Builder.Tests.Knowledge;

public sealed class SeedTests(PostgresFixture postgres)
{
    private const string Documents = $"{KnowledgeApi.Bases}/aifactory/documents";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_directory_becomes_a_base_follows_its_files_and_leaves_alone_what_a_person_took_away()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Seed:Knowledge:0:Name", "aifactory"), ("Seed:Knowledge:0:Directory", "{folder}/repository"));
        var seed = builder.Services.GetRequiredService<KnowledgeSeed>();
        using var client = builder.Developer();
        (await seed.RunOnceAsync(Token)).Complaints.ShouldHaveSingleItem().ShouldContain("There is no directory");

        var root = Path.Combine(builder.Folder, "repository");
        await WriteAsync("README.md", "# The factory\n\nIt serves models.");
        await WriteAsync("Gateway/README.md", "# Gateway\n\nThe door.");
        await WriteAsync("docs/deep/guide.md", "# Guide\n\nRead it.");
        await WriteAsync("Gateway/notes.md", "not for the base");
        var first = await seed.RunOnceAsync(Token);
        (first.Uploaded, first.Complaints.Count).ShouldBe((3, 0));
        (await seed.RunOnceAsync(Token)).Uploaded.ShouldBe(0);
        var seeded = await client.UntilAsync<Page<DocumentResponse>>(Documents, page => page.Items.All(document => document.State == DocumentStates.Ready));
        seeded.Items.Select(document => document.Name).Order(StringComparer.Ordinal).ShouldBe(["Gateway/README.md", "README.md", "docs/deep/guide.md"]);

        await WriteAsync("README.md", "# The factory\n\nIt serves models and answers.");
        File.Delete(Path.Combine(root, "docs", "deep", "guide.md"));
        await client.DeleteAsync(new Uri($"{Documents}/{seeded.Items.Single(document => document.Name == "Gateway/README.md").Id}", UriKind.Relative), Token);
        (await seed.RunOnceAsync(Token)).Uploaded.ShouldBe(1);
        (await client.GetAsync<Page<DocumentResponse>>(Documents)).Items.ShouldHaveSingleItem().Name.ShouldBe("README.md");

        await client.DeleteAsync(new Uri($"{KnowledgeApi.Bases}/aifactory", UriKind.Relative), Token);
        (await seed.RunOnceAsync(Token)).Uploaded.ShouldBe(0);
        (await client.GetAsync<Page<KnowledgeBaseResponse>>(KnowledgeApi.Bases)).Items.ShouldBeEmpty();

        async Task WriteAsync(string path, string text)
        {
            var file = Path.Combine(root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file) ?? root);
            await File.WriteAllTextAsync(file, text, Token);
        }
    }
}
