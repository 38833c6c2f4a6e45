namespace Cluster.Load;

/// <summary>Checks that every acknowledged message arrives at every member once, in order, and that all members see the same history.</summary>
internal sealed class Tally
{
    // Guards all of it.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<string?>> _histories = [];
    private readonly HashSet<string> _received = [];
    private readonly HashSet<string> _acknowledged = [];
    private int _twice;
    private int _outOfOrder;
    private int _split;
    private int _errors;
    private long _deliveries;

    /// <summary>The numbers of the last messages of the rooms.</summary>
    public long Last(string room)
    {
        lock (_lock)
        {
            return _histories.TryGetValue(room, out List<string?>? history) ? history.Count - 1 : 0;
        }
    }

    public int Errors => Volatile.Read(ref _errors);

    public bool IsGood => Count() is (0, 0, 0, 0, _, _);

    public void Acknowledge(string text)
    {
        lock (_lock)
        {
            _acknowledged.Add(text);
        }
    }

    /// <summary>Notes a message that a member has got, whose last one had the number <paramref name="last"/>.</summary>
    public void Receive(string room, long last, long number, string text)
    {
        lock (_lock)
        {
            _deliveries++;
            _twice += number <= last ? 1 : 0;
            _outOfOrder += number > last + 1 ? 1 : 0;
            List<string?> history = _histories.TryGetValue(room, out List<string?>? known) ? known : _histories[room] = [null];
            while (history.Count <= number)
            {
                history.Add(null);
            }

            if (history[(int)number] is { } other)
            {
                _split += other == text ? 0 : 1;
                return;
            }

            history[(int)number] = text;
            _twice += _received.Add(text) ? 0 : 1;
        }
    }

    /// <summary>Notes that a client saw something else than a proper end of its connection.</summary>
    public void AddError() => Interlocked.Increment(ref _errors);

    public override string ToString()
    {
        (int lost, int twice, int outOfOrder, int split, int acknowledged, long deliveries) = Count();
        return $"{acknowledged} messages acknowledged, {deliveries} delivered: {lost} lost, {twice} twice, {outOfOrder} out of order, {split} in two histories; {Errors} errors of connections.";
    }

    private (int Lost, int Twice, int OutOfOrder, int Split, int Acknowledged, long Deliveries) Count()
    {
        lock (_lock)
        {
            return (_acknowledged.Count(text => !_received.Contains(text)), _twice, _outOfOrder, _split, _acknowledged.Count, _deliveries);
        }
    }
}
