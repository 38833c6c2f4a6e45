namespace Sluice.Bench.Report;

/// <summary>Maps values to positions on a logarithmic axis.</summary>
internal sealed class LogScale
{
    private readonly double _low;
    private readonly double _high;
    private readonly double _start;
    private readonly double _end;

    /// <summary>Maps values from <paramref name="least"/> to <paramref name="most"/> to positions from <paramref name="start"/> to <paramref name="end"/>.</summary>
    public LogScale(double least, double most, double start, double end)
    {
        (_low, _high, _start, _end) = (Math.Log10(least), Math.Log10(most), start, end);
        if (_high - _low < 1e-6)
        {
            _high = _low + 1;
        }
    }

    /// <summary>Returns the round numbers in the range: 1, 2 and 5 of each decade.</summary>
    public IEnumerable<double> Ticks =>
        from decade in Enumerable.Range((int)Math.Floor(_low), (int)(Math.Ceiling(_high) - Math.Floor(_low)) + 1)
        from digit in (int[])[1, 2, 5]
        let value = digit * Math.Pow(10, decade)
        let log = Math.Log10(value)
        where log >= _low - 1e-9 && log <= _high + 1e-9
        select value;

    public double At(double value) => _start + ((Math.Log10(value) - _low) / (_high - _low) * (_end - _start));
}
