using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Templates;

/// <summary>npm <c>@huggingface/jinja</c>, which many clients render chat templates with.</summary>
internal static class HuggingFaceJinja
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.Inference.Tests", "npm");

    /// <returns>A text for each probe, in order, or <c>(fails: why)</c>.</returns>
    public static async Task<List<string>> RenderAsync(IReadOnlyList<TemplateProbe> probes)
    {
        await RunAsync("npm", ["ci", "--ignore-scripts", "--prefer-offline"], Folder);
        var cases = new JsonArray([.. probes.Select(probe => new JsonObject { ["template"] = probe.Template, ["variables"] = JsonNode.Parse(probe.Variables) })]);
        var answers = JsonDocument.Parse(await RunAsync("node", ["render.mjs"], Folder, cases.ToJsonString())).RootElement;
        return [.. answers.EnumerateArray().Select(answer => answer.TryGetProperty("text", out var text) ? text.GetString() ?? "" : $"(fails: {answer.GetProperty("error").GetString()})")];
    }

    /// <summary>The templates of known models that come with llama.cpp's source, by file name.</summary>
    public static async Task<IReadOnlyList<(string Name, string Template)>> KnownTemplatesAsync()
    {
        var source = (await RunAsync("bash", ["tools/llama-cpp/source.sh"], RepositoryFolder.Root)).Trim();
        return [.. Directory.EnumerateFiles(Path.Combine(source, "models", "templates"), "*.jinja").Order(StringComparer.Ordinal).Select(path => (Path.GetFileNameWithoutExtension(path), File.ReadAllText(path)))];
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string folder, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, await error);
        return await output;
    }
}
