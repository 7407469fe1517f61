using System.Globalization;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests;

/// <summary>What the worker says of one model: others are asked things meanwhile, by other tests' leavings and by the factory itself.</summary>
internal static class WorkerMetrics
{
    public const string Running = "vllm:num_requests_running";
    public const string Waiting = "vllm:num_requests_waiting";
    public const string Ended = "vllm:request_success_total";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="label">A further one that the lines must have, as <c>finished_reason="abort"</c>.</param>
    public static async Task<double> ValueAsync(FactoryProcess factory, string name, string model, string label = "")
    {
        using var http = new HttpClient();
        var address = new Uri(factory.Child("AiFactory.Inference").Environment("ASPNETCORE_URLS")!.Split(';')[0]); // the AppHost gives every service its address
        return (await http.GetStringAsync(new Uri(address, "metrics/vllm"), Token)).Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains($"model_name=\"{model}\"", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    /// <summary>Until the model has that many, looking often: what runs ends by itself.</summary>
    public static async Task WaitAsync(FactoryProcess factory, string name, string model, double value)
    {
        var began = TimeProvider.System.GetTimestamp();
        double seen;
        while ((seen = await ValueAsync(factory, name, model)) != value)
        {
            TimeProvider.System.GetElapsedTime(began).ShouldBeLessThan(LibraryClient.Patience, $"{name} of {model} is {seen}, and not {value}");
            await Task.Delay(10, Token);
        }
    }
}
