using AiFactory.Testing;

namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>The images cannot be built where these tests run; what a reading can find is found.</summary>
public sealed class DockerfileTests(PublishedChart chart) : IClassFixture<PublishedChart>
{
    // The program of each image, by the last part of its name.
    private static readonly Dictionary<string, string> Programs = new()
    {
        ["builder"] = "AiFactory.Builder",
        ["gateway"] = "AiFactory.Gateway",
        ["library"] = "AiFactory.ModelLibrary",
        ["worker"] = "AiFactory.Inference",
    };

    [Fact]
    public async Task Every_image_of_ours_in_the_chart_has_a_Dockerfile()
    {
        var images = (await chart.RenderAsync()).Select(manifest => manifest.Pod()).SelectMany(pod => pod.At("containers").Items()).Select(container => container.Text("image"))
            .Select(image => image.Split('/')[^1].Split(':')[0]).Distinct().ToList();
        images.ShouldBe(Programs.Keys, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public async Task It_copies_what_is_there_runs_as_the_charts_user_and_pins_its_bases(string image)
    {
        var program = Programs[image];
        var lines = (await File.ReadAllLinesAsync(Path.Combine(RepositoryFolder.Root, program, "Dockerfile"), TestContext.Current.CancellationToken))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 1).ToList();
        lines.Where(words => words[0] == "USER").ShouldHaveSingleItem()[1].ShouldBe("10001:10001");
        lines.Where(words => words[0] == "FROM").ShouldAllBe(words => words[1].Contains(':') && !words[1].EndsWith(":latest"));
        lines[^1].ShouldBe(["ENTRYPOINT", "[\"dotnet\",", $"\"{program}.dll\"]"]);
        foreach (var source in lines.Where(words => words[0] == "COPY" && !words[1].StartsWith("--from")).SelectMany(words => words[1..^1]))
        {
            Path.Exists(Path.Combine(RepositoryFolder.Root, source)).ShouldBeTrue($"{program}/Dockerfile copies {source}");
        }

        foreach (var reference in References(program))
        {
            lines.ShouldContain(words => words[0] == "COPY" && words[1] == $"{reference}/", $"{program} needs {reference}");
        }
    }

    [Fact]
    public async Task What_a_container_reads_lies_where_the_chart_says()
    {
        var library = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "AiFactory.ModelLibrary", "Dockerfile"), TestContext.Current.CancellationToken);
        library.ShouldContain("WORKDIR /app\nCOPY --from=build /app ./\nCOPY models/ ./models/\n");
        var builder = await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, "AiFactory.Builder", "Dockerfile"), TestContext.Current.CancellationToken);
        builder.ShouldContain("COPY docs/ ./knowledge/docs/\n");
        var config = (await chart.RenderAsync()).Where(manifest => manifest.Kind() == "ConfigMap").SelectMany(manifest => manifest.At("data").Map()).ToLookup(setting => setting.Key, setting => setting.Value);
        config["Seed__ModelsDirectory"].ShouldBe(["/app/models"]);
        config["Seed__Knowledge__0__Directory"].ShouldBe(["/app/knowledge"]);
    }

    public static IEnumerable<TheoryDataRow<string>> Images() => Programs.Keys.Select(image => new TheoryDataRow<string>(image));

    private static IEnumerable<string> References(string program) =>
        System.Xml.Linq.XDocument.Load(Path.Combine(RepositoryFolder.Root, program, $"{program}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")?.Value.Replace('\\', '/') ?? ""));
}
