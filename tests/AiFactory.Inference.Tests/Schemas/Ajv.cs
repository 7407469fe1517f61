using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Testing;

namespace AiFactory.Inference.Tests.Schemas;

/// <summary>npm <c>ajv</c> with <c>ajv-formats</c>: the judge over values that were held to schemas.</summary>
internal static class Ajv
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.Inference.Tests", "npm-ajv");
    private static readonly Lazy<Task> Installed = new(() => RunAsync("npm", ["ci", "--ignore-scripts", "--prefer-offline"], ""));

    /// <returns>What is wrong with any of the values; empty when nothing is.</returns>
    public static async Task<List<string>> JudgeAsync(IEnumerable<(string Schema, IReadOnlyList<string> Values)> cases)
    {
        await Installed.Value;
        var given = cases.ToList();
        var input = new JsonArray([.. given.Select(one => new JsonObject { ["schema"] = JsonNode.Parse(one.Schema), ["values"] = new JsonArray([.. one.Values.Select(value => (JsonNode)value)]) })]);
        var answers = JsonDocument.Parse(await RunAsync("node", ["validate.mjs"], input.ToJsonString())).RootElement;
        return [.. given.SelectMany((one, index) => one.Values.Select((value, place) => (one.Schema, Value: value, Fault: answers[index][place].GetString() ?? "")))
            .Where(judged => judged.Fault.Length > 0)
            .Select(judged => $"{judged.Schema}: {judged.Value}: {judged.Fault}")];
    }

    private static async Task<string> RunAsync(string program, string[] arguments, string input)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, await error);
        return await output;
    }
}
