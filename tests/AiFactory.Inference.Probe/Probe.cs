using System.Globalization;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Probe;

/// <summary>llama.cpp in a process that may die of it: tests give it files and see what it says, or that it says no more.</summary>
internal static class Probe
{
    public static int Main(string[] args)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        return args switch
        {
            ["loads"] => Loads.Run(Console.In, Console.Out),
            ["adapters", var path] => Adapters.Run(path, Console.In, Console.Out),
            ["memory", var path, "encoder"] => Memory.Run(path, isEncoder: true, 0, 0),
            ["memory", var path, var context, var slots] => Memory.Run(path, isEncoder: false, int.Parse(context, CultureInfo.InvariantCulture), int.Parse(slots, CultureInfo.InvariantCulture)),
            ["death", var path, var cache, var digest] => Death.Run(path, cache, digest),
            _ => 2,
        };
    }
}
