using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AiFactory.Inference.Hardware;

/// <summary>
/// A binding of the few functions that we read (https://docs.nvidia.com/deploy/nvml-api/), looked up by name in the driver's own library. Where there is none, or it does not start, there are no readings.
/// Written without a GPU: the fake in the tests stands at its edge, and it was never run on one.
/// </summary>
internal sealed unsafe class Nvml : INvml
{
    private const int Success = 0;
    private const int Gpu = 0;

    private readonly nint _library;
    private readonly IReadOnlyList<string>? _visible;

    private Nvml(nint library, IReadOnlyList<string>? visible)
    {
        _library = library;
        _visible = visible;
    }

    /// <returns>Null where the machine has no such library.</returns>
    public static Nvml? TryOpen(IReadOnlyList<string>? visible) =>
        NativeLibrary.TryLoad("libnvidia-ml.so.1", out var library)
        && NativeLibrary.TryGetExport(library, "nvmlInit_v2", out var start)
        && ((delegate* unmanaged[Cdecl]<int>)start)() == Success
            ? new Nvml(library, visible)
            : null;

    public IReadOnlyList<GpuReading> Read()
    {
        var readings = new List<GpuReading>();
        ulong* memory = stackalloc ulong[3];
        uint* utilization = stackalloc uint[2];
        foreach (var device in Devices())
        {
            uint temperature = 0, milliwatts = 0;
            // nvmlMemory_t: total, free, used. nvmlUtilization_t: gpu, memory, in percent.
            var hasMemory = Call("nvmlDeviceGetMemoryInfo") is var readMemory && readMemory != 0 && ((delegate* unmanaged[Cdecl]<nint, ulong*, int>)readMemory)(device, memory) == Success;
            var hasUse = Call("nvmlDeviceGetUtilizationRates") is var readUse && readUse != 0 && ((delegate* unmanaged[Cdecl]<nint, uint*, int>)readUse)(device, utilization) == Success;
            var hasHeat = Call("nvmlDeviceGetTemperature") is var readHeat && readHeat != 0 && ((delegate* unmanaged[Cdecl]<nint, int, uint*, int>)readHeat)(device, Gpu, &temperature) == Success;
            var hasPower = Call("nvmlDeviceGetPowerUsage") is var readPower && readPower != 0 && ((delegate* unmanaged[Cdecl]<nint, uint*, int>)readPower)(device, &milliwatts) == Success;
            readings.Add(new GpuReading(
                Text("nvmlDeviceGetUUID", device),
                Text("nvmlDeviceGetName", device),
                hasUse ? utilization[0] / 100.0 : null,
                hasMemory ? (long)memory[2] : null,
                hasMemory ? (long)memory[0] : null,
                hasHeat ? (int)temperature : null,
                hasPower ? milliwatts / 1000.0 : null));
        }

        return readings;
    }

    private List<nint> Devices()
    {
        var devices = new List<nint>();
        if (_visible is null)
        {
            uint count = 0;
            if (Call("nvmlDeviceGetCount_v2") is var read && read != 0 && ((delegate* unmanaged[Cdecl]<uint*, int>)read)(&count) == Success)
            {
                for (uint index = 0; index < count; index++)
                {
                    Add(index);
                }
            }

            return devices;
        }

        foreach (var name in _visible)
        {
            if (uint.TryParse(name, CultureInfo.InvariantCulture, out var index))
            {
                Add(index);
            }
            else if (Call("nvmlDeviceGetHandleByUUID") is var find && find != 0)
            {
                nint device = 0;
                fixed (byte* uuid = Encoding.ASCII.GetBytes(name + '\0'))
                {
                    if (((delegate* unmanaged[Cdecl]<byte*, nint*, int>)find)(uuid, &device) == Success)
                    {
                        devices.Add(device);
                    }
                }
            }
        }

        return devices;

        void Add(uint index)
        {
            nint device = 0;
            if (Call("nvmlDeviceGetHandleByIndex_v2") is var find && find != 0 && ((delegate* unmanaged[Cdecl]<uint, nint*, int>)find)(index, &device) == Success)
            {
                devices.Add(device);
            }
        }
    }

    private string Text(string function, nint device)
    {
        const int Length = 96;
        byte* text = stackalloc byte[Length];
        var read = Call(function);
        return read != 0 && ((delegate* unmanaged[Cdecl]<nint, byte*, uint, int>)read)(device, text, Length) == Success ? Marshal.PtrToStringUTF8((nint)text) ?? "" : "";
    }

    private nint Call(string name) => NativeLibrary.TryGetExport(_library, name, out var function) ? function : 0;
}
