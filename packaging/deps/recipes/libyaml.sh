# SPDX-License-Identifier: MIT
#
# libyaml: the events of a YAML text, for service descriptions.

source=libyaml
minimum=0.2.5
below=0.3

build() {
	step configure
	cmake_configure -DBUILD_TESTING=OFF
	step compile
	cmake_build
	install_headers include/yaml.h
	install_libraries output/libyaml.a
}
