using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;

namespace Sluice.Engine.Interop;

/// <summary>
/// How long a thread was ready to run and waited for a processor: the second figure of <c>/proc/self/task/TID/schedstat</c>, in nanoseconds
/// (Documentation/scheduler/sched-stats.rst). A kernel without it counts as one without contention.
/// </summary>
internal sealed class RunDelay
{
    private int _thread;
    private string _path = "";
    private long _before;

    /// <summary>Returns the share of <paramref name="elapsed"/> ticks since the last call; 0 at the first call for a thread.</summary>
    public double Measure(int thread, long elapsed)
    {
        if (thread == 0)
        {
            // The loop has no thread yet, or the architecture is one whose gettid is not known.
            return 0;
        }

        bool isFirst = thread != _thread;
        if (isFirst)
        {
            _thread = thread;
            _path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{thread}/schedstat");
        }

        long nanoseconds = Read();
        long waited = nanoseconds - _before;
        _before = nanoseconds;
        return isFirst || nanoseconds == 0 ? 0 : Math.Clamp(waited * 1e-9 * Stopwatch.Frequency / elapsed, 0, 1);
    }

    // Without a SafeFileHandle: the balancer allocates nothing while it looks.
    private long Read()
    {
        int fd = Libc.OpenFile(_path, LinuxConstants.OpenCloExec);
        if (fd < 0)
        {
            // The thread has ended, or there is no /proc.
            return 0;
        }

        Span<byte> text = stackalloc byte[128];
        nint count;
        unsafe
        {
            // SAFETY: read(2) writes at most the length that it is given, to this method's own stack.
            fixed (byte* start = text)
            {
                count = Libc.Read(fd, start, (nuint)text.Length);
            }
        }

        _ = Libc.Close(fd);
        text = text[..(int)Math.Max(count, 0)];
        int space = text.IndexOf((byte)' ');
        return space >= 0 && Utf8Parser.TryParse(text[(space + 1)..], out long value, out _) ? value : 0;
    }
}
