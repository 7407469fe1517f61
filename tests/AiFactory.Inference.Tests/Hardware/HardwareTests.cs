using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Inference.Hardware;
using AiFactory.Inference.Native;
using AiFactory.Inference.Tests.Worker;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Tests.Hardware;

/// <summary>What there is to compute on. No machine of these tests has a GPU: what is only read from one stands behind a fake, or behind numbers.</summary>
public sealed class HardwareTests
{
    private const long Gigabyte = 1_000_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cpu", "", "cpu", "")]
    [InlineData("cpu cuda", "", "cpu", "cuda: libcuda.so.1 cannot be loaded")]
    [InlineData("cpu cuda", "libcuda.so.1 libcudart.so.13", "cpu", "cuda: libcublas.so.13 cannot be loaded")]
    [InlineData("cpu cuda", "libcuda.so.1 libcudart.so.13 libcublas.so.13", "cuda", "")]
    [InlineData("cpu cuda vulkan", "libvulkan.so.1", "vulkan", "cuda: libcuda.so.1 cannot be loaded")]
    [InlineData("cuda", "", null, "cuda: libcuda.so.1 cannot be loaded")]
    public void The_best_build_that_the_machine_can_load_is_taken_and_the_reason_against_the_others_is_kept(string builds, string libraries, string? chosen, string reasons)
    {
        var folder = Directory.CreateTempSubdirectory("aifactory-builds-");
        try
        {
            foreach (var build in builds.Split(' '))
            {
                folder.CreateSubdirectory($"llama-{build}");
            }

            var (found, why) = NativeBuild.Choose(folder.FullName, libraries.Split(' ').Contains);
            (found?.Name, string.Join("; ", why)).ShouldBe((chosen, reasons));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_model_that_fits_goes_to_the_gpu_whole_and_one_that_does_not_as_far_as_it_fits()
    {
        var layers = Enumerable.Repeat(Gigabyte, 10).ToList();
        LayerPlacement.Plan(layers, Gigabyte, cache: Gigabyte, computing: Gigabyte, [20 * Gigabyte]).ShouldSatisfyAllConditions(plan => plan.GpuLayers.ShouldBe(11), plan => plan.Split.ShouldBeEmpty());
        // 8 GB of which 0.92 are used, less the buffers: the output and four layers with their tenth of the cache.
        LayerPlacement.Plan(layers, Gigabyte, cache: Gigabyte, computing: Gigabyte, [8 * Gigabyte]).GpuLayers.ShouldBe(5);
        LayerPlacement.Plan(layers, Gigabyte, cache: Gigabyte, computing: Gigabyte, [2 * Gigabyte]).GpuLayers.ShouldBe(0);
        LayerPlacement.Plan(layers, Gigabyte, Gigabyte, Gigabyte, []).GpuLayers.ShouldBe(0);
    }

    [Fact]
    public void Several_gpus_share_by_what_is_free_on_each()
    {
        var plan = LayerPlacement.Plan([.. Enumerable.Repeat(Gigabyte, 20)], Gigabyte, cache: 0, computing: 0, [30 * Gigabyte, 10 * Gigabyte]);
        plan.GpuLayers.ShouldBe(21);
        plan.Split.ShouldBe([0.75f, 0.25f]);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData("0,2", "0 2")]
    [InlineData("GPU-8932f937-d72c, MIG-e91edf3b-1297", "GPU-8932f937-d72c MIG-e91edf3b-1297")]
    [InlineData("1,-1,0", "1")]
    [InlineData("NoDevFiles", "")]
    public void Visible_devices_are_read_as_cuda_reads_them(string? variable, string? names) =>
        (VisibleDevices.Parse(variable) is { } visible ? string.Join(' ', visible) : null).ShouldBe(names);

    [Fact]
    public void What_a_gpu_says_of_itself_is_measured_and_what_it_does_not_say_is_absent()
    {
        using var listener = new MeterListener();
        var seen = new List<(string Name, double Value, string Id)>();
        listener.InstrumentPublished = (instrument, subscribed) =>
        {
            if (instrument.Meter.Name == GpuMetrics.Name)
            {
                subscribed.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Add((instrument.Name, value, (string)(tags[0].Value ?? ""))));
        listener.Start();
        using var none = new GpuMetrics(new FakeNvml());
        using var two = new GpuMetrics(new FakeNvml(new GpuReading("GPU-1", "H200", 0.5, 10, 100, 40, 250.5), new GpuReading("MIG-2", "H200 MIG 1g", null, 5, 20, null, null)));
        listener.RecordObservableInstruments();
        seen.Order().ShouldBe(((string, double, string)[])
        [
            ("hw.gpu.memory.limit", 20, "MIG-2"), ("hw.gpu.memory.limit", 100, "GPU-1"), ("hw.gpu.memory.usage", 5, "MIG-2"), ("hw.gpu.memory.usage", 10, "GPU-1"),
            ("hw.gpu.utilization", 0.5, "GPU-1"), ("hw.power", 250.5, "GPU-1"), ("hw.temperature", 40, "GPU-1"),
        ]);
    }

    [Fact]
    public async Task An_operator_sees_what_the_worker_computes_on()
    {
        await using var worker = await WorkerProcess.StartAsync();
        using var client = worker.CreateCaller(Roles.Operator);
        var hardware = await client.GetFromJsonAsync<JsonElement>("/hardware", Token);
        hardware.GetProperty("build").GetString().ShouldBe("cpu");
        hardware.GetProperty("hardware").GetString().ShouldNotBeNull().ShouldStartWith("cpu: ");
        hardware.GetProperty("devices").EnumerateArray().ShouldContain(device => device.GetProperty("total").GetInt64() > 0);
        hardware.GetProperty("memoryBytes").GetInt64().ShouldBeGreaterThan(0);
        using var stranger = worker.CreateClient();
        (await stranger.GetAsync("/hardware", Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await worker.Library.DisposeAsync();
    }

    private sealed class FakeNvml(params GpuReading[] readings) : INvml
    {
        public IReadOnlyList<GpuReading> Read() => readings;
    }
}
