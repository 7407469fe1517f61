using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>
/// A failed assertion of ggml ends the process, from whichever of its threads. Before it does, the models that compute at this moment are told why, so that what starts next knows which of them not to load at once.
/// A fault of memory (SIGSEGV) comes without a word.
/// </summary>
internal static unsafe class LlamaAbort
{
    private static readonly Lock Gate = new();
    private static readonly List<LlamaModel> Computing = [];

    [ThreadStatic]
    private static LlamaModel? _mine;

    public static void Attach() => LlamaNative.ggml_set_abort_callback(&OnAbort);

    /// <summary>From now until it is disposed this thread computes with the model.</summary>
    public static Span Enter(LlamaModel model)
    {
        lock (Gate)
        {
            Computing.Add(model);
        }

        _mine = model;
        return new Span(model);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnAbort(byte* message)
    {
        try
        {
            var reason = Marshal.PtrToStringUTF8((nint)message)?.Trim() ?? "";
            Console.Error.WriteLine(reason);
            // The engine's own thread knows its model; a thread of ggml's does not, and with several models at work each is suspect.
            foreach (var model in _mine is { } mine ? [mine] : Computing.ToArray())
            {
                model.Dying?.Invoke(reason);
            }
        }
#pragma warning disable CA1031 // The process ends in any case; an exception that crossed into C would only hide why.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }

    internal readonly struct Span(LlamaModel model) : IDisposable
    {
        public void Dispose()
        {
            _mine = null;
            lock (Gate)
            {
                Computing.Remove(model);
            }
        }
    }
}
