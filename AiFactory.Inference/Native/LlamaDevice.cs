using System.Runtime.InteropServices;

namespace AiFactory.Inference.Native;

/// <summary>What llama.cpp can compute on.</summary>
/// <param name="Free">Bytes, measured now; 0 when it does not say.</param>
internal sealed record LlamaDevice(string Name, string Description, bool IsGpu, long Free, long Total)
{
    private const int Gpu = 1;
    private const int IntegratedGpu = 2;

    /// <summary>In llama.cpp's order, which is the order of a tensor split.</summary>
    public static unsafe IReadOnlyList<LlamaDevice> List()
    {
        var devices = new List<LlamaDevice>();
        for (nuint index = 0; index < LlamaNative.ggml_backend_dev_count(); index++)
        {
            var device = LlamaNative.ggml_backend_dev_get(index);
            nuint free = 0, total = 0;
            LlamaNative.ggml_backend_dev_memory(device, &free, &total);
            devices.Add(new LlamaDevice(
                Marshal.PtrToStringUTF8(LlamaNative.ggml_backend_dev_name(device)) ?? "",
                Marshal.PtrToStringUTF8(LlamaNative.ggml_backend_dev_description(device))?.Trim() ?? "",
                LlamaNative.ggml_backend_dev_type(device) is Gpu or IntegratedGpu,
                (long)free,
                (long)total));
        }

        return devices;
    }
}
