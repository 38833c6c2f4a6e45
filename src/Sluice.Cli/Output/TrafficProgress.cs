using System.Globalization;

namespace Sluice.Cli.Output;

/// <summary>Shows on the last line of a terminal how much a server transfers, while it has connections.</summary>
/// <param name="isWanted">Whether to show it at all.</param>
/// <param name="there">What the first direction is called.</param>
/// <param name="back">What the other one is called.</param>
internal sealed class TrafficProgress(bool isWanted, string there, string back) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Progress _progress = new(isWanted);

    // Guards all below: connections begin and end on several threads.
    private readonly Lock _lock = new();
    private readonly Dictionary<object, Func<(long There, long Back)>> _open = [];
    private (long There, long Back) _ended;
    private (long There, long Back) _last;
    private int _connections;
    private ITimer? _timer;

    /// <summary>Counts a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="count">Gets the bytes that it has transferred so far. Called on any thread.</param>
    public void Begin(object connection, Func<(long There, long Back)> count)
    {
        if (!_progress.IsShown)
        {
            return;
        }

        lock (_lock)
        {
            _open[connection] = count;
            _connections++;
            _timer ??= TimeProvider.System.CreateTimer(_ => Show(), null, s_interval, s_interval);
        }
    }

    /// <summary>Counts the end of a connection.</summary>
    public void End(object connection)
    {
        if (!_progress.IsShown)
        {
            return;
        }

        lock (_lock)
        {
            if (_open.Remove(connection, out Func<(long There, long Back)>? count))
            {
                (long ended, long endedBack) = count();
                _ended = (_ended.There + ended, _ended.Back + endedBack);
            }

            if (_open.Count == 0)
            {
                _progress.Clear();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _timer?.Dispose();
            _open.Clear();
            _progress.Clear();
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            (long There, long Back) all = _ended;
            foreach (Func<(long There, long Back)> count in _open.Values)
            {
                (long one, long other) = count();
                all = (all.There + one, all.Back + other);
            }

            if (_open.Count > 0)
            {
                _progress.Show(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{_open.Count} of {_connections} connections open, {Rate(all.There - _last.There)} {there}, {Rate(all.Back - _last.Back)} {back}, in all {Quantity.Text(all.There)} {there}, {Quantity.Text(all.Back)} {back}"));
            }

            _last = all;
        }
    }

    private static string Rate(long bytes) => $"{Quantity.Text(Math.Max(0, bytes) / s_interval.TotalSeconds)}/s";
}
