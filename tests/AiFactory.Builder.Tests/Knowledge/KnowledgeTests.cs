using System.Net;
using System.Text;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.Testing.Postgres;

namespace AiFactory.Builder.Tests.Knowledge;

public sealed class KnowledgeTests(PostgresFixture postgres)
{
    private const string Guide =
        """
        # The oven

        The oven heats to 220 degrees. It needs twelve minutes for that.

        ## Cleaning

        Clean the glass with vinegar every Friday. The tray goes into the dishwasher.
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_document_is_taken_in_and_each_search_finds_its_passage_at_its_offset()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual", chunkSize: 100, chunkOverlap: 20);

        var document = await client.TakeInAsync("manual", "oven.md", Guide);

        document.State.ShouldBe(DocumentStates.Ready, document.Error);
        document.ContentType.ShouldBe("text/markdown");
        document.Embedded.ShouldBe(document.Chunks);
        document.Chunks.ShouldBeGreaterThan(1);
        foreach (var mode in (string[])[SearchModes.Hybrid, SearchModes.Vector, SearchModes.Text])
        {
            var found = await client.SearchAsync("manual", "How is the glass cleaned with vinegar?", mode);
            var first = found.Results[0];
            first.Text.ShouldContain("vinegar");
            first.DocumentName.ShouldBe("oven.md");
            (first.VectorRank is null).ShouldBe(mode == SearchModes.Text);
            (first.TextRank is null).ShouldBe(mode == SearchModes.Vector);
            (await client.TextAsync("manual", document.Id, first.Start, first.End - first.Start)).Text.ShouldBe(first.Text);
        }

        var owner = await client.GetAsync<KnowledgeBaseResponse>($"{KnowledgeApi.Bases}/manual");
        (owner.Documents, owner.Chunks, owner.Bytes).ShouldBe((1, document.Chunks, Encoding.UTF8.GetByteCount(Guide)));
    }

    [Fact]
    public async Task Only_this_document_fails_when_its_pdf_is_broken_and_it_says_why()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");

        var broken = await client.TakeInAsync("manual", "broken.pdf", Encoding.ASCII.GetBytes("%PDF-1.7\n1 0 obj << /Type /Cat"), "application/pdf");
        var none = await client.TakeInAsync("manual", "none.pdf", Encoding.ASCII.GetBytes("MZ this is a program"), "application/pdf");
        var good = await client.TakeInAsync("manual", "oven.md", Guide);

        (broken.State, none.State, good.State).ShouldBe((DocumentStates.Failed, DocumentStates.Failed, DocumentStates.Ready));
        broken.Error.ShouldNotBeNull().ShouldStartWith("The PDF is damaged and cannot be read.");
        none.Error.ShouldBe("The file is not a PDF: it does not begin with %PDF-.");
        (await client.SearchAsync("manual", "oven")).Results.ShouldAllBe(passage => passage.DocumentId == good.Id);
        (await client.GetAsync(new Uri($"{KnowledgeApi.Bases}/manual/documents/{broken.Id}/text", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_document_that_is_too_large_is_refused_before_and_while_it_comes_and_leaves_nothing()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres, ("Knowledge:MaximumDocumentBytes", "1048576"));
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");

        var named = await (await client.UploadAsync("manual", "huge.txt", new byte[1048577], "text/plain")).ProblemAsync();
        using var unnamed = new StreamContent(new MemoryStream(new byte[3 << 20]));
        unnamed.Headers.ContentLength = null;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{KnowledgeApi.Bases}/manual/documents?name=huge.txt") { Content = unnamed };
        request.Headers.TransferEncodingChunked = true;
        var streamed = await (await client.SendAsync(request, Token)).ProblemAsync();

        named.ShouldBe((413, "A document may have at most 1048576 bytes (1 MiB; setting Knowledge:MaximumDocumentBytes)."));
        streamed.ShouldBe(named);
        (await client.GetAsync<Page<DocumentResponse>>($"{KnowledgeApi.Bases}/manual/documents")).Items.ShouldBeEmpty();
        Directory.EnumerateFiles(builder.Objects, "document", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_upload_twice_is_one_document_and_a_new_content_takes_the_place_of_the_old()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");

        var first = await client.TakeInAsync("manual", "oven.md", Guide);
        var again = await client.TakeInAsync("manual", "oven.md", Guide);
        var changed = await client.TakeInAsync("manual", "oven.md", "The oven was replaced by a microwave.");

        again.ShouldBe(first);
        changed.Id.ShouldBe(first.Id);
        changed.Digest.ShouldNotBe(first.Digest);
        (await client.SearchAsync("manual", "vinegar glass", SearchModes.Text)).Results.ShouldBeEmpty();
        (await client.SearchAsync("manual", "microwave")).Results.ShouldHaveSingleItem().Text.ShouldBe("The oven was replaced by a microwave.");
        Directory.EnumerateFiles(builder.Objects, "document", SearchOption.AllDirectories).Count().ShouldBe(1);
    }

    [Fact]
    public async Task What_is_deleted_is_found_no_more_and_leaves_no_object()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        var oven = await client.TakeInAsync("manual", "oven.md", Guide);
        var fridge = await client.TakeInAsync("manual", "fridge.md", "The fridge cools to four degrees.");
        (await client.SearchAsync("manual", "degrees")).Results.Select(passage => passage.DocumentId).Distinct().Count().ShouldBe(2);

        (await client.DeleteAsync(new Uri($"{KnowledgeApi.Bases}/manual/documents/{oven.Id}", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        foreach (var mode in (string[])[SearchModes.Hybrid, SearchModes.Vector, SearchModes.Text])
        {
            (await client.SearchAsync("manual", "degrees", mode)).Results.Select(passage => passage.DocumentId).Distinct().ShouldHaveSingleItem(mode).ShouldBe(fridge.Id);
        }

        (await client.DeleteAsync(new Uri($"{KnowledgeApi.Bases}/manual", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await client.GetAsync(new Uri($"{KnowledgeApi.Bases}/manual", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        Directory.EnumerateFiles(builder.Objects, "*", SearchOption.AllDirectories).ShouldAllBe(file => !file.EndsWith("document") && !file.EndsWith("text"));
    }

    [Fact]
    public async Task A_base_of_another_project_is_not_there()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");
        using var other = builder.Developer("blue");
        using var viewer = builder.Client("user:eve", "default", Roles.Viewer);

        (await other.GetAsync(new Uri("/api/builder/projects/blue/knowledge-bases/manual", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await other.GetAsync(new Uri($"{KnowledgeApi.Bases}/manual", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await viewer.GetAsync(new Uri($"{KnowledgeApi.Bases}/manual", UriKind.Relative), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await viewer.UploadAsync("manual", "a.txt", "text")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("picture.png", "image/png", "'picture.png' (image/png) cannot be read. Documents can be plain text, Markdown (.md), HTML, PDF and Word (.docx).")]
    [InlineData(" ", "text/plain", "The name must have 1 to 300 characters, none of them a control character, and no space at its ends: ?name=guide.pdf.")]
    public async Task An_upload_that_cannot_be_read_is_refused_at_once(string name, string type, string detail)
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();
        await client.CreateBaseAsync("manual");

        (await (await client.UploadAsync("manual", name, [1, 2, 3], type)).ProblemAsync()).ShouldBe((400, detail));
    }

    [Fact]
    public async Task A_base_that_is_wrong_in_three_fields_names_all_and_a_second_of_a_name_conflicts()
    {
        await using var builder = await BuilderUnderTest.StartAsync(postgres);
        using var client = builder.Developer();

        var response = await client.PostAsync(KnowledgeApi.Bases, new KnowledgeBaseRequest("No Good", null, null, 99, 5000));
        var text = await response.Content.ReadAsStringAsync(Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        foreach (var field in (string[])["\"name\"", "\"chunkSize\"", "\"chunkOverlap\""])
        {
            text.ShouldContain(field);
        }

        await client.CreateBaseAsync("manual");
        (await client.PostAsync(KnowledgeApi.Bases, new KnowledgeBaseRequest("manual", null, null, null, null))).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await client.PostAsync($"{KnowledgeApi.Bases}/manual/search", new SearchRequest("", 51, "magic"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.PostAsync($"{KnowledgeApi.Bases}/none/search", new SearchRequest("x", null, null))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.SearchAsync("manual", "anything")).Results.ShouldBeEmpty();
    }
}
