using System.Collections;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Hosting.Connections;

/// <summary>A connection's features: the connection itself is most of them, and only what others add is kept.</summary>
internal sealed class TransportFeatures(TransportConnection connection) : IFeatureCollection
{
    private static readonly FrozenSet<Type> s_own = new[]
    {
        typeof(IConnectionEndPointFeature),
        typeof(IConnectionIdFeature),
        typeof(IConnectionItemsFeature),
        typeof(IConnectionLifetimeFeature),
        typeof(IConnectionSocketFeature),
        typeof(IConnectionTransportFeature),
        typeof(IMemoryPoolFeature),
        typeof(IStreamSocketFeature),
    }.ToFrozenSet();

    // Null for one of our own that was taken away.
    private Dictionary<Type, object?>? _set;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(key);
            if (_set is not null && _set.TryGetValue(key, out object? feature))
            {
                return feature;
            }

            return s_own.Contains(key) ? connection : null;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(key);
            (_set ??= [])[key] = value;
            Revision++;
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        foreach (Type type in s_own)
        {
            if (_set is null || !_set.ContainsKey(type))
            {
                yield return new(type, connection);
            }
        }

        foreach ((Type type, object? feature) in _set ?? [])
        {
            if (feature is not null)
            {
                yield return new(type, feature);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
