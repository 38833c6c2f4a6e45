using System.Globalization;

namespace Sluice.Bench.Scale;

/// <summary>What processes use: their resident memory, their processor time, and the kernel's memory for all sockets of the machine.</summary>
internal readonly record struct ProcessCost(double ResidentBytes, double KernelBytes, TimeSpan Processor)
{
    public static ProcessCost Read(IEnumerable<int> processes)
    {
        double resident = 0;
        TimeSpan processor = TimeSpan.Zero;
        foreach (int id in processes)
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            resident += process.WorkingSet64;
            processor += process.TotalProcessorTime;
        }

        return new ProcessCost(resident, Slab(), processor);
    }

    private static double Slab() =>
        1024 * double.Parse(File.ReadLines("/proc/meminfo").First(line => line.StartsWith("Slab:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
