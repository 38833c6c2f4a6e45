namespace Sluice.Stress.Kit;

/// <summary>What went wrong. Each kind of fault is kept once, with how often it occurred, in the order of the first of each.</summary>
internal sealed class Faults
{
    private const int MaxKinds = 10;

    // Under its lock.
    private readonly OrderedDictionary<string, int> _faults = [];

    public bool IsEmpty
    {
        get
        {
            lock (_faults)
            {
                return _faults.Count == 0;
            }
        }
    }

    public void Add(string fault)
    {
        lock (_faults)
        {
            if (_faults.Count < MaxKinds || _faults.ContainsKey(fault))
            {
                _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
            }
        }
    }

    public override string ToString()
    {
        lock (_faults)
        {
            return string.Join("\n", _faults.Select(fault => $"  {fault.Value} x {fault.Key.ReplaceLineEndings("\n      ")}"));
        }
    }
}
