namespace Sluice.Bench.Orleans;

/// <summary>Answers what it gets, by itself or through another grain.</summary>
public interface IEchoGrain : IGrainWithIntegerKey
{
    ValueTask<string> SiloAsync();

    ValueTask<byte[]> EchoAsync(byte[] bytes);

    /// <summary>Calls another grain from several callers at once, and returns when each has made so many calls.</summary>
    ValueTask CallAsync(long other, byte[] bytes, int callers, int calls);
}
