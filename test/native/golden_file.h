#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

struct GoldenTensor {
    std::vector<std::size_t> shape;
    std::vector<float> data;
};

/// One file of test/goldens; make_goldens.py describes the contents.
struct GoldenFile {
    std::string name;
    std::map<std::string, std::string> metadata;
    std::map<std::string, GoldenTensor> tensors;

    /// A number of the metadata. Throws if it is missing.
    double number(const std::string& key) const;
    int integer(const std::string& key) const { return static_cast<int>(number(key)); }
    const GoldenTensor& tensor(const std::string& key) const;
};

/// The golden files whose metadata says `kind`, in order of name. Throws if there are none. The folder is that of the
/// environment variable GATECAST_GOLDENS, else the folder that was compiled in.
std::vector<GoldenFile> golden_files(const std::string& kind);
